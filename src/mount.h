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
 */
#ifndef TWOSTAGE_MOUNT_H
#define TWOSTAGE_MOUNT_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kobject.h>
#include <linux/ktime.h>
#include <linux/spinlock.h>

#include "policy.h"
#include "twostage_counters.h"

struct btrfs_block_group;
struct btrfs_fs_info;
struct btrfs_trans_handle;

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
 * @start_ns: time it spent starting
 * @wait_ns: time it spent waiting
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
	u64 start_ns;
	u64 wait_ns;
	u64 duration_ns;
};

/**
 * struct twostage_commit - the passes of one transaction, added up
 * @transid: the transaction
 * @passes: how many there were
 * @num_started: caches they started
 * @num_waited: caches they waited for
 * @num_redirtied: how many of those because they were dirtied again
 * @peak_in_flight: the most caches in flight after one of their starts
 * @pass_ns: time of the passes, by kind
 * @start_ns: time they spent starting
 * @wait_ns: time they spent waiting
 * @critical_began: when the critical section began
 */
struct twostage_commit {
	u64 transid;
	u32 passes;
	u32 num_started;
	u32 num_waited;
	u32 num_redirtied;
	u32 peak_in_flight;
	u64 pass_ns[TWOSTAGE_PASS_COMMIT + 1];
	u64 start_ns;
	u64 wait_ns;
	u64 critical_began;
};

/**
 * struct twostage_mount - what we know of one mounted filesystem
 * @node: in the table of mounts
 * @fs_info: the filesystem, the table's key
 * @kobj: its directory "writeout" in sysfs
 * @released: completed when the last user of @kobj is gone
 * @lock: protects @configured, and the change to a new @commit
 * @configured: what was asked for last; the next commit goes by it
 * @active: what the running commit goes by
 * @commit: the running commit, or the last one
 * @pass: the running pass
 * @pass_task: the task that runs it, or NULL while none does
 * @in_flight: caches started and neither waited for nor discarded
 * @peak_in_flight: the most of them since the mount, or since it was reset
 * @counters: the table of counters
 */
struct twostage_mount {
	struct hlist_node node;
	struct btrfs_fs_info *fs_info;
	struct kobject kobj;
	struct completion released;

	spinlock_t lock;	/* configured, and the change of commit */
	struct twostage_policy configured;

	struct twostage_policy active;
	struct twostage_commit commit;
	struct twostage_pass *pass;
	struct task_struct *pass_task;

	atomic_t in_flight;
	atomic_t peak_in_flight;
	atomic64_t counters[TWOSTAGE_NR_COUNTERS];
};

static inline void twostage_count(struct twostage_mount *mount,
				  enum twostage_counter counter, u64 amount)
{
	atomic64_add(amount, &mount->counters[counter]);
}

int twostage_mount_add(struct btrfs_fs_info *fs_info);
void twostage_mount_remove(struct btrfs_fs_info *fs_info);
struct twostage_mount *twostage_mount_find(const struct btrfs_fs_info *fs_info);

int twostage_control_add(struct twostage_mount *mount);
void twostage_control_remove(struct twostage_mount *mount);

void twostage_default_policy(struct twostage_policy *policy);
bool twostage_guard_refuses(const struct twostage_policy *policy);

#endif /* TWOSTAGE_MOUNT_H */
