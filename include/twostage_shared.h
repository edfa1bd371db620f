/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers in the module's trace events, which tools read.
 *
 * They are an interface: a value never changes its meaning; new ones are added at
 * the end.
 */
#ifndef TWOSTAGE_SHARED_H
#define TWOSTAGE_SHARED_H

/* The policy of a pass; policy.c has the names. */
enum twostage_policy_id {
	TWOSTAGE_POLICY_SERIAL,		/* write one cache, wait for it, next */
	TWOSTAGE_POLICY_TWO_STAGE,	/* start all, wait for all */
	TWOSTAGE_POLICY_EARLY,		/* the same, begun before the critical section */
	TWOSTAGE_POLICY_STOCK,		/* the stock functions */
	TWOSTAGE_NR_POLICIES
};

/* Where in a commit a pass stands. */
enum twostage_pass_kind {
	TWOSTAGE_PASS_EARLY,	/* before the critical section */
	TWOSTAGE_PASS_SETUP,	/* sets up cache files, in the critical section */
	TWOSTAGE_PASS_COMMIT,	/* in the critical section, until nothing is dirty */
};

/* Why a cache in flight was waited for. */
enum twostage_wait_reason {
	TWOSTAGE_WAIT_BATCH,	/* the window was full, or the pass at its end */
	TWOSTAGE_WAIT_REDIRTIED, /* its block group was redirtied */
	TWOSTAGE_WAIT_OUTSIDE,	/* by a task outside a pass, which removes it */
};

/* Before what something was read ahead. */
enum twostage_read_before {
	TWOSTAGE_READ_MOUNT,	/* a step of a mount */
	TWOSTAGE_READ_REFS,	/* a commit runs delayed refs */
	TWOSTAGE_READ_PASS,	/* a pass */
	TWOSTAGE_READ_SCAN,	/* a block group is scanned, or converted */
};

#endif /* TWOSTAGE_SHARED_H */
