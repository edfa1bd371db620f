/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What we know of one mounted filesystem, of its commit that is running, and
 * of the pass within it.
 *
 * A mount's state exists from before the first commit until after the last
 * one, so whoever holds a transaction, or runs in the mount's sysfs files,
 * may use it without a reference.
 *
 * The passes of a filesystem never overlap: the early pass of a transaction
 * holds the transaction open, its critical section waits for that, and the
 * next transaction cannot begin before the critical section has ended. So
 * ->active, ->commit, ->pass and ->pass_task are written by one task at a time,
 * the one that runs the pass, without a lock; only the beginning of a new
 * commit goes under ->lock. Everything else can be touched by any task and is
 * atomic, or goes under ->lock.
 *
 * Several tasks may ask for a commit of one transaction, and the one that
 * commits it may still be about to return when the next is committed. So what
 * is known of a whole commit is kept by the task, in struct twostage_committer.
 */
#ifndef TWOSTAGE_MOUNT_H
#define TWOSTAGE_MOUNT_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kobject.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/spinlock.h>

#include "history.h"
#include "policy.h"
#include "twostage_counters.h"

struct btrfs_block_group;
struct btrfs_fs_info;
struct btrfs_trans_handle;

/* Of 2^0 to 2^(n-1) and more: 2^39 ns are 9 minutes. */
#define TWOSTAGE_NR_BUCKETS 40

/**
 * struct twostage_buckets - a histogram
 * @counts: how many values there were, by the position of the highest bit, from
 *	1; the first is for the value 0, and the last for everything above, too
 * @sum: of all values
 */
struct twostage_buckets {
	atomic64_t counts[TWOSTAGE_NR_BUCKETS + 1];
	atomic64_t sum;
};

/**
 * struct twostage_times - how long a part of commits took, in nanoseconds
 * @total: all of them
 * @last: the last one
 * @max: the longest since the mount, or since a reset
 */
struct twostage_times {
	atomic64_t total;
	atomic64_t last;
	atomic64_t max;
};

/* What all mounts have counted since the module was loaded. */
extern atomic64_t twostage_totals[TWOSTAGE_NR_TOTALS];

/**
 * struct twostage_pass - one pass over the dirty block groups
 * @kind: early, setup or commit
 * @number: its place among the passes of this commit, from 1
 * @transid: the transaction
 * @policy: what the commit goes by
 * @began: when, in nanoseconds of the monotonic clock
 * @dirty: how many block groups were dirty when it began
 * @num_started: caches it started
 * @num_waited: caches it waited for
 * @num_redirtied: how many of those because they were dirtied again
 * @peak_in_flight: the most caches in flight after one of its starts
 * @bytes: of the caches it started
 * @start_ns: time it spent starting
 * @wait_ns: time it spent waiting
 * @search_from: where it looks first for space for a cache file, an address
 * @duration_ns: its whole time, once it has ended
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
	u32 peak_in_flight;
	u64 bytes;
	u64 start_ns;
	u64 wait_ns;
	u64 search_from;
	u64 duration_ns;
};

/**
 * struct twostage_committer - a task that has asked for a commit
 * @node: among the mount's committers
 * @mount: the filesystem's state, or NULL where there is none
 * @task: the task, on whose stack this is
 * @entered: when it asked for the commit
 * @critical: it is the one that commits, and has entered the critical section
 * @critical_began: when it did
 * @record: what is known of the commit, once the critical section has ended
 */
struct twostage_committer {
	struct list_head node;
	struct twostage_mount *mount;
	struct task_struct *task;
	u64 entered;
	bool critical;
	u64 critical_began;
	struct twostage_record record;
};

/**
 * struct twostage_mount - what we know of one mounted filesystem
 * @node: in the table of mounts
 * @fs_info: the filesystem, the table's key
 * @kobj: its directory "writeout" in sysfs
 * @released: completed when the last user of @kobj is gone
 * @lock: protects @configured, @committers, and the change to a new @commit
 * @configured: what was asked for last; the next commit goes by it
 * @active: what the running commit goes by
 * @commit: the passes of the running commit, or of the last one, added up
 * @committers: the tasks that have asked for a commit
 * @committer: the one of them that is in the critical section
 * @pass: the running pass
 * @pass_task: the task that runs it, or NULL while none does
 * @in_flight: caches started and neither waited for nor discarded
 * @peak_in_flight: the most of them since the mount, or since it was reset
 * @counters: the table of counters
 * @phases: times of the parts of commits
 * @histograms: the table of histograms
 * @history: the last commits
 */
struct twostage_mount {
	struct hlist_node node;
	struct btrfs_fs_info *fs_info;
	struct kobject kobj;
	struct completion released;

	spinlock_t lock;	/* configured, committers, the change of commit */
	struct twostage_policy configured;

	struct twostage_policy active;
	struct twostage_record commit;
	struct list_head committers;
	struct twostage_committer *committer;
	struct twostage_pass *pass;
	struct task_struct *pass_task;

	atomic_t in_flight;
	atomic_t peak_in_flight;
	atomic64_t counters[TWOSTAGE_NR_COUNTERS];
	struct twostage_times phases[TWOSTAGE_NR_PHASES];
	struct twostage_buckets histograms[TWOSTAGE_NR_HISTOGRAMS];
	struct twostage_history history;
};

int twostage_mount_add(struct btrfs_fs_info *fs_info);
void twostage_mount_remove(struct btrfs_fs_info *fs_info);
struct twostage_mount *twostage_mount_find(const struct btrfs_fs_info *fs_info);

int twostage_control_add(struct twostage_mount *mount);
void twostage_control_remove(struct twostage_mount *mount);
int twostage_totals_add(struct kobject *parent);
void twostage_totals_remove(void);

void twostage_default_policy(struct twostage_policy *policy);
bool twostage_guard_refuses(const struct twostage_policy *policy);

#endif /* TWOSTAGE_MOUNT_H */
