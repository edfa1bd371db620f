/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers that the module puts into its trace events and that tools read.
 *
 * They are an interface: a value keeps its meaning for ever, new ones are
 * added at the end.
 */
#ifndef TWOSTAGE_SHARED_H
#define TWOSTAGE_SHARED_H

/* Which policy a pass went by; the names stand in policy.c. */
enum twostage_policy_id {
	TWOSTAGE_POLICY_SERIAL,		/* write one cache, wait for it, next */
	TWOSTAGE_POLICY_TWO_STAGE,	/* start all, wait for all */
	TWOSTAGE_POLICY_EARLY,		/* the same, begun before the critical section */
	TWOSTAGE_POLICY_STOCK,		/* the distribution's own functions */
	TWOSTAGE_NR_POLICIES
};

/* Where in a commit a pass stands. */
enum twostage_pass_kind {
	TWOSTAGE_PASS_EARLY,	/* before the critical section */
	TWOSTAGE_PASS_SETUP,	/* cache files are prepared, in the critical section */
	TWOSTAGE_PASS_COMMIT,	/* in the critical section, until nothing is dirty */
};

/* Why a cache in flight was waited for. */
enum twostage_wait_reason {
	TWOSTAGE_WAIT_BATCH,	/* its turn had come: window full, or end of pass */
	TWOSTAGE_WAIT_REDIRTIED, /* its block group was dirtied again under IO */
	TWOSTAGE_WAIT_OUTSIDE,	/* by a task that is not in a pass, which removes it */
};

#endif /* TWOSTAGE_SHARED_H */
