/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One walk over the dirty block groups of a transaction.
 *
 * It belongs to the task that runs it, and nobody else writes to it.
 */
#ifndef TWOSTAGE_PASS_H
#define TWOSTAGE_PASS_H

#include <linux/types.h>

#include "policy.h"
#include "twostage_shared.h"

struct twostage_mount;

/**
 * struct twostage_pass - one pass over the dirty block groups
 * @kind: early, setup or commit
 * @number: its place among the passes of this commit, from 1
 * @transid: the transaction
 * @policy: the policy of this commit
 * @began: when it began, in nanoseconds of the monotonic clock
 * @dirty: number of block groups that were dirty when it began
 * @num_started: caches it started
 * @num_waited: caches it waited for
 * @num_redirtied: how many of those were redirtied
 * @num_put_off: caches not written because of settle
 * @peak_in_flight: the most caches in flight after one of its starts
 * @bytes: size of the caches it started
 * @start_ns: time spent starting
 * @wait_ns: time spent waiting
 * @search_from: logical address from which to search for space for the next
 *	cache file
 * @duration_ns: how long it took, once it has ended
 */
struct twostage_pass {
	enum twostage_pass_kind kind;
	u32 number;
	u64 transid;
	struct twostage_policy policy;
	u64 began;
	u32 dirty;
	u32 num_started;
	u32 num_waited;
	u32 num_redirtied;
	u32 num_put_off;
	u32 peak_in_flight;
	u64 bytes;
	u64 start_ns;
	u64 wait_ns;
	u64 search_from;
	u64 duration_ns;
};

void twostage_pass_begin(struct twostage_mount *mount,
			 struct twostage_pass *pass, u32 dirty);
void twostage_pass_end(struct twostage_mount *mount,
		       struct twostage_pass *pass, int result);

#endif /* TWOSTAGE_PASS_H */
