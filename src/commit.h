/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One commit, and the tasks that have asked for one.
 *
 * Several tasks may ask for the same commit, and the one that commits may still
 * be on its way out when the next transaction commits. So each task keeps a
 * struct twostage_committer on its own stack, and a copy of the finished commit
 * in it.
 */
#ifndef TWOSTAGE_COMMIT_H
#define TWOSTAGE_COMMIT_H

#include <linux/list.h>
#include <linux/types.h>

#include "policy.h"
#include "twostage_counters.h"

struct btrfs_fs_info;
struct btrfs_trans_handle;
struct task_struct;
struct twostage_mount;

/**
 * struct twostage_commit - one commit, its passes added up
 * @transid: the transaction; 0 if unused
 * @ended: when the commit ended, in nanoseconds of the monotonic clock
 * @policy: the policy it used
 * @passes: number of passes
 * @num_started: caches they started
 * @num_waited: caches they waited for
 * @num_redirtied: how many of those were redirtied
 * @num_put_off: caches not written because of settle
 * @num_blocks_read: tree blocks read ahead since the commit before
 * @num_caches_read: likewise of caches
 * @read_ns: how long it took to start reading all that
 * @peak_in_flight: the most caches in flight after one of their starts
 * @bytes: size of the caches they started
 * @no_space_for: the least size of a cache file for which there was no space, or 0
 * @phase_ns: how long each phase took
 * @start_ns: time the passes spent starting
 * @wait_ns: time they spent waiting
 * @result: 0, or the negative errno with which the commit failed
 */
struct twostage_commit {
	u64 transid;
	u64 ended;
	struct twostage_policy policy;
	u32 passes;
	u32 num_started;
	u32 num_waited;
	u32 num_redirtied;
	u32 num_put_off;
	u32 num_blocks_read;
	u32 num_caches_read;
	u32 peak_in_flight;
	u64 bytes;
	u64 no_space_for;
	u64 phase_ns[TWOSTAGE_NR_PHASES];
	u64 start_ns;
	u64 wait_ns;
	u64 read_ns;
	int result;
};

/**
 * struct twostage_committer - a task that has asked for a commit
 * @node: entry in the mount's committers
 * @mount: the filesystem's state, or NULL if there is none
 * @task: the task, on whose stack this is
 * @transid: the transaction
 * @entered: when it asked for the commit
 * @critical: set once it has entered the critical section, as the one task that
 *	commits
 * @commit: the commit, once its critical section has ended
 */
struct twostage_committer {
	struct list_head node;
	struct twostage_mount *mount;
	struct task_struct *task;
	u64 transid;
	u64 entered;
	bool critical;
	struct twostage_commit commit;
};

void twostage_commit_enter(const struct btrfs_trans_handle *trans,
			   struct twostage_committer *committer);
void twostage_commit_leave(struct twostage_committer *committer, int result);
void twostage_commit_join(struct twostage_mount *mount, u64 transid);
void twostage_critical_begin(struct btrfs_fs_info *fs_info);
void twostage_critical_end(struct btrfs_fs_info *fs_info, u64 transid);
u64 twostage_join_begin(void);
void twostage_join_end(struct btrfs_fs_info *fs_info, u64 began);

#endif /* TWOSTAGE_COMMIT_H */
