// SPDX-License-Identifier: GPL-2.0
/*
 * Counts what happens to caches, passes and commits, and traces it.
 *
 * The rules for who may write what stand in mount.h. What a pass counts as its
 * own is what its own task does; the mount's counters count what any task
 * does. A cache is in flight from a successful start until it is waited for or
 * discarded, and at the end of each transaction nothing is in flight.
 */
#include "ctree.h"
#include "block-group.h"
#include "btrfs_inode.h"
#include "transaction.h"
#include "volumes.h"

#include "counters.h"
#include "twostage_trace.h"

/* Another task may read pass_task while it changes; it never reads its own. */
static struct twostage_pass *own_pass(const struct twostage_mount *mount)
{
	return READ_ONCE(mount->pass_task) == current ? mount->pass : NULL;
}

/**
 * twostage_commit_join - let a pass join its transaction's commit
 * @mount: the filesystem's state
 * @transid: the transaction
 *
 * The first pass of a transaction is where a new policy takes effect.
 *
 * Context: a task that is about to run a pass or to enter the critical section.
 */
void twostage_commit_join(struct twostage_mount *mount, u64 transid)
{
	/* The early pass's task and the one that commits may come at once. */
	spin_lock(&mount->lock);
	if (mount->commit.transid != transid) {
		memset(&mount->commit, 0, sizeof(mount->commit));
		mount->commit.transid = transid;
		mount->active = mount->configured;
	}
	spin_unlock(&mount->lock);
}

/**
 * twostage_pass_begin - a pass begins
 * @mount: the filesystem's state
 * @pass: the pass, with its kind and transid
 * @dirty: how many block groups are dirty
 *
 * Context: the task that runs the pass, until twostage_pass_end().
 */
void twostage_pass_begin(struct twostage_mount *mount,
			 struct twostage_pass *pass, u32 dirty)
{
	pass->number = ++mount->commit.passes;
	pass->policy = mount->active;
	pass->dirty = dirty;
	mount->pass = pass;
	WRITE_ONCE(mount->pass_task, current);
	trace_twostage_pass_begin(mount->fs_info, pass);
	pass->began = ktime_get_ns();
}

static const enum twostage_counter pass_time_counters[] = {
	[TWOSTAGE_PASS_EARLY] = TWOSTAGE_COUNTER_early_ns,
	[TWOSTAGE_PASS_SETUP] = TWOSTAGE_COUNTER_setup_ns,
	[TWOSTAGE_PASS_COMMIT] = TWOSTAGE_COUNTER_commit_ns,
};

/**
 * twostage_pass_end - a pass has ended
 * @mount: the filesystem's state
 * @pass: the pass
 * @result: 0 or a negative errno
 *
 * Context: the task that ran the pass.
 */
void twostage_pass_end(struct twostage_mount *mount,
		       struct twostage_pass *pass, int result)
{
	struct twostage_commit *commit = &mount->commit;

	pass->duration_ns = ktime_get_ns() - pass->began;
	WRITE_ONCE(mount->pass_task, NULL);
	mount->pass = NULL;

	commit->num_started += pass->num_started;
	commit->num_waited += pass->num_waited;
	commit->num_redirtied += pass->num_redirtied;
	commit->peak_in_flight = max(commit->peak_in_flight,
				     pass->peak_in_flight);
	commit->pass_ns[pass->kind] += pass->duration_ns;
	commit->start_ns += pass->start_ns;
	commit->wait_ns += pass->wait_ns;
	twostage_count(mount, pass_time_counters[pass->kind],
		       pass->duration_ns);
	trace_twostage_pass_end(mount->fs_info, pass, result);
}

/**
 * twostage_critical_begin - a critical section begins
 * @fs_info: the filesystem
 *
 * Context: the task that commits, with the transaction about to be closed to
 * other writers.
 */
void twostage_critical_begin(struct btrfs_fs_info *fs_info)
{
	struct twostage_mount *mount = twostage_mount_find(fs_info);

	if (!mount)
		return;
	twostage_commit_join(mount, fs_info->running_transaction->transid);
	mount->commit.critical_began = ktime_get_ns();
}

/**
 * twostage_critical_end - a critical section has ended without an error
 * @fs_info: the filesystem
 * @transid: the transaction
 *
 * Context: the task that commits, just before other tasks may begin the next
 * transaction.
 */
void twostage_critical_end(struct btrfs_fs_info *fs_info, u64 transid)
{
	struct twostage_mount *mount = twostage_mount_find(fs_info);
	u64 critical_ns;

	if (!mount || mount->commit.transid != transid)
		return;
	critical_ns = ktime_get_ns() - mount->commit.critical_began;
	twostage_count(mount, TWOSTAGE_COUNTER_critical_ns, critical_ns);
	twostage_count(mount, TWOSTAGE_COUNTER_commits, 1);
	trace_twostage_commit(fs_info, &mount->commit, critical_ns);
}

static void note_in_flight(struct twostage_mount *mount,
			   struct twostage_pass *pass, u32 in_flight)
{
	/* Starts do not race with each other, only with a reset by sysfs. */
	if (in_flight > atomic_read(&mount->peak_in_flight))
		atomic_set(&mount->peak_in_flight, in_flight);
	if (pass)
		pass->peak_in_flight = max(pass->peak_in_flight, in_flight);
}

/**
 * twostage_cache_started - an attempt to start a cache has been made
 * @trans: the transaction
 * @block_group: its block group, whose io_ctl holds the cache file if the
 *	cache is in flight now
 * @began: when the attempt began
 * @result: what it returned; 0 without a cache file means that there was
 *	nothing to write
 */
void twostage_cache_started(struct btrfs_trans_handle *trans,
			    struct btrfs_block_group *block_group,
			    u64 began, int result)
{
	struct twostage_mount *mount = twostage_mount_find(trans->fs_info);
	struct inode *inode = block_group->io_ctl.inode;
	struct twostage_pass *pass;
	u64 duration_ns;
	u32 in_flight;

	if (!mount)
		return;
	pass = own_pass(mount);
	duration_ns = ktime_get_ns() - began;
	twostage_count(mount, TWOSTAGE_COUNTER_start_ns, duration_ns);
	if (pass)
		pass->start_ns += duration_ns;

	if (result || !inode) {
		twostage_count(mount, TWOSTAGE_COUNTER_num_skipped, 1);
		trace_twostage_cache_skip(trans->fs_info, block_group,
					  trans->transid, 0,
					  atomic_read(&mount->in_flight),
					  duration_ns, result);
		return;
	}

	in_flight = atomic_inc_return(&mount->in_flight);
	note_in_flight(mount, pass, in_flight);
	twostage_count(mount, TWOSTAGE_COUNTER_num_started, 1);
	if (pass)
		pass->num_started++;
	trace_twostage_cache_start(trans->fs_info, block_group, trans->transid,
				   i_size_read(inode), in_flight, duration_ns,
				   result);
}

/**
 * twostage_cache_waited - a cache in flight has been waited for
 * @trans: the transaction
 * @block_group: its block group
 * @cache_bytes: the size of its cache file
 * @began: when the waiting began
 * @redirtied: the block group was on the dirty list again at that time
 * @result: what the waiting returned
 */
void twostage_cache_waited(struct btrfs_trans_handle *trans,
			   struct btrfs_block_group *block_group,
			   u64 cache_bytes, u64 began, bool redirtied,
			   int result)
{
	struct twostage_mount *mount = twostage_mount_find(trans->fs_info);
	enum twostage_wait_reason reason = TWOSTAGE_WAIT_OUTSIDE;
	struct twostage_pass *pass;
	u64 duration_ns;

	if (!mount)
		return;
	pass = own_pass(mount);
	duration_ns = ktime_get_ns() - began;
	if (pass) {
		reason = redirtied ? TWOSTAGE_WAIT_REDIRTIED :
				     TWOSTAGE_WAIT_BATCH;
		pass->num_waited++;
		pass->num_redirtied += redirtied;
		pass->wait_ns += duration_ns;
	}
	twostage_count(mount, TWOSTAGE_COUNTER_num_waited, 1);
	twostage_count(mount, TWOSTAGE_COUNTER_wait_ns, duration_ns);
	if (reason == TWOSTAGE_WAIT_REDIRTIED)
		twostage_count(mount, TWOSTAGE_COUNTER_num_redirtied, 1);
	if (result)
		twostage_count(mount, TWOSTAGE_COUNTER_num_failed, 1);
	trace_twostage_cache_wait(trans->fs_info, block_group, trans->transid,
				  cache_bytes,
				  atomic_dec_return(&mount->in_flight),
				  duration_ns, reason, result);
}

/**
 * twostage_cache_discarded - an aborted transaction has dropped a cache
 * @block_group: its block group
 * @cache_bytes: the size of its cache file
 *
 * Context: the abort's cleanup, after the passes of the transaction.
 */
void twostage_cache_discarded(struct btrfs_block_group *block_group,
			      u64 cache_bytes)
{
	struct twostage_mount *mount =
		twostage_mount_find(block_group->fs_info);

	if (!mount)
		return;
	twostage_count(mount, TWOSTAGE_COUNTER_num_discarded, 1);
	trace_twostage_cache_discard(block_group->fs_info, block_group,
				     mount->commit.transid, cache_bytes,
				     atomic_dec_return(&mount->in_flight), 0,
				     -EIO);
}
