/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of one mounted filesystem.
 *
 * It exists from before the first commit until after the last one, so whoever
 * holds a transaction, or runs in the mount's sysfs files, may use it without a
 * reference.
 *
 * The passes of a filesystem never overlap: the early pass of a transaction
 * holds the transaction open, its critical section waits for that, and the
 * next transaction cannot begin before the critical section has ended. So only
 * one task at a time writes ->active, ->commit, ->pass and ->pass_task, the one
 * that runs the pass, and it needs no lock; only starting a new commit takes
 * ->lock. Everything else any task may touch, and is atomic or under ->lock.
 */
#ifndef TWOSTAGE_MOUNT_H
#define TWOSTAGE_MOUNT_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/spinlock.h>

#include "commit.h"
#include "counters.h"
#include "history.h"
#include "pass.h"
#include "policy.h"
#include "settle.h"

struct btrfs_fs_info;

/**
 * struct twostage_mount - the state of one mounted filesystem
 * @node: entry in the table of mounts
 * @fs_info: the filesystem, the table's key
 * @kobj: its directory "writeout" in sysfs
 * @released: completed when the last user of @kobj is gone
 * @lock: protects @configured, @committers, @recorded, and starting a new @commit
 * @configured: the policy last set; the next commit uses it
 * @active: the policy of the running commit
 * @commit: the passes of the running or last commit, added up
 * @committers: the tasks that have asked for a commit
 * @committer: the one of them that is in the critical section
 * @critical_began: when the last critical section began; any task may read it
 * @critical_ended: when the last one that did not fail ended; likewise
 * @recorded: the last transaction in the history
 * @pass: the running pass
 * @pass_task: the task that runs it, or NULL
 * @in_flight: caches started and neither waited for nor discarded
 * @peak_in_flight: the most in flight since the mount or the last reset
 * @blocks_read: tree blocks read ahead since the last commit
 * @caches_read: likewise of caches
 * @read_ns: how long it took to start reading all that
 * @counters: indexed by enum twostage_counter
 * @phases: indexed by enum twostage_phase
 * @histograms: indexed by enum twostage_histogram
 * @history: the last commits
 * @settle: the unsettled block groups
 */
struct twostage_mount {
	struct hlist_node node;
	struct btrfs_fs_info *fs_info;
	struct kobject kobj;
	struct completion released;

	spinlock_t lock;	/* configured, committers, starting a commit */
	struct twostage_policy configured;

	struct twostage_policy active;
	struct twostage_commit commit;
	struct list_head committers;
	struct twostage_committer *committer;
	u64 critical_began;
	u64 critical_ended;
	u64 recorded;
	struct twostage_pass *pass;
	struct task_struct *pass_task;

	atomic_t in_flight;
	atomic_t peak_in_flight;
	atomic_t blocks_read;
	atomic_t caches_read;
	atomic64_t read_ns;
	atomic64_t counters[TWOSTAGE_NR_COUNTERS];
	struct twostage_times phases[TWOSTAGE_NR_PHASES];
	struct twostage_buckets histograms[TWOSTAGE_NR_HISTOGRAMS];
	struct twostage_history history;
	struct twostage_settle settle;
};

int twostage_mount_add(struct btrfs_fs_info *fs_info);
void twostage_mount_remove(struct btrfs_fs_info *fs_info);
struct twostage_mount *twostage_mount_find(const struct btrfs_fs_info *fs_info);

#endif /* TWOSTAGE_MOUNT_H */
