/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last commits of a mount; see history.c.
 */
#ifndef TWOSTAGE_HISTORY_H
#define TWOSTAGE_HISTORY_H

#include <linux/seqlock.h>
#include <linux/types.h>

#include "policy.h"
#include "twostage_counters.h"

struct twostage_mount;

#define TWOSTAGE_NR_RECORDS 256

/**
 * struct twostage_record - one commit
 * @transid: the transaction; 0 for a record that is not used yet
 * @ended: when the commit ended, in nanoseconds of the monotonic clock
 * @policy: what it went by
 * @passes: how many passes there were
 * @num_started: caches they started
 * @num_waited: caches they waited for
 * @num_redirtied: how many of those because they were dirtied again
 * @peak_in_flight: the most caches in flight after one of their starts
 * @bytes: of the caches they started
 * @phase_ns: how long its parts took
 * @start_ns: time the passes spent starting
 * @wait_ns: time they spent waiting
 * @result: 0, or the negative errno with which the commit failed
 */
struct twostage_record {
	u64 transid;
	u64 ended;
	struct twostage_policy policy;
	u32 passes;
	u32 num_started;
	u32 num_waited;
	u32 num_redirtied;
	u32 peak_in_flight;
	u64 bytes;
	u64 phase_ns[TWOSTAGE_NR_PHASES];
	u64 start_ns;
	u64 wait_ns;
	int result;
};

/**
 * struct twostage_history - the last commits
 * @lock: protects the rest; readers never hold it
 * @next: where the next record goes, counted on without end
 * @records: a ring
 * @folder: its folder in /proc, or NULL
 */
struct twostage_history {
	seqlock_t lock;
	u64 next;
	struct twostage_record records[TWOSTAGE_NR_RECORDS];
	struct proc_dir_entry *folder;
};

int twostage_history_init(void);
void twostage_history_exit(void);

int twostage_history_add_mount(struct twostage_mount *mount);
void twostage_history_rename(struct twostage_mount *mount);
void twostage_history_remove_mount(struct twostage_mount *mount);
void twostage_history_append(struct twostage_history *history,
			     const struct twostage_record *record);
void twostage_history_reset(struct twostage_history *history);

#endif /* TWOSTAGE_HISTORY_H */
