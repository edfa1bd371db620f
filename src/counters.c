// SPDX-License-Identifier: GPL-2.0
/*
 * Counts and traces what happens to caches, passes and commits.
 *
 * mount.h says who may write what. A pass counts what its own task does, a mount
 * what any task does. A cache is in flight from a successful start until it is
 * waited for or discarded; at the end of a transaction none is.
 */
#include "ctree.h"
#include "block-group.h"
#include "btrfs_inode.h"
#include "ordered-data.h"
#include "transaction.h"
#include "volumes.h"

#include "mount.h"
#include "twostage_trace.h"

atomic64_t twostage_totals[TWOSTAGE_NR_TOTALS];

static void count(struct twostage_mount *mount, enum twostage_counter counter,
		  u64 amount)
{
	atomic64_add(amount, &mount->counters[counter]);
	atomic64_add(amount, &twostage_totals[counter]);
}

static void note_time(struct twostage_mount *mount, enum twostage_phase phase,
		      u64 duration_ns)
{
	struct twostage_times *times = &mount->phases[phase];

	atomic64_add(duration_ns, &times->total);
	atomic64_add(duration_ns,
		     &twostage_totals[TWOSTAGE_NR_COUNTERS + phase]);
	atomic64_set(&times->last, duration_ns);
	/* One task at a time gets here for a phase; only a reset races. */
	if (duration_ns > (u64)atomic64_read(&times->max))
		atomic64_set(&times->max, duration_ns);
}

static void note_value(struct twostage_mount *mount,
		       enum twostage_histogram histogram, u64 value)
{
	struct twostage_buckets *buckets = &mount->histograms[histogram];

	atomic64_inc(&buckets->counts[min(fls64(value), TWOSTAGE_NR_BUCKETS)]);
	atomic64_add(value, &buckets->sum);
}

/* Other tasks may read pass_task as it changes; they never find themselves. */
static struct twostage_pass *own_pass(const struct twostage_mount *mount)
{
	return READ_ONCE(mount->pass_task) == current ? mount->pass : NULL;
}

/**
 * twostage_commit_join - start a new commit unless it has been started
 * @mount: the filesystem's state
 * @transid: the transaction
 *
 * This is where a new policy takes effect.
 *
 * Context: a task about to run a pass or to enter the critical section.
 */
void twostage_commit_join(struct twostage_mount *mount, u64 transid)
{
	/* The task of the early pass may race with the one that commits. */
	spin_lock(&mount->lock);
	if (mount->commit.transid != transid) {
		memset(&mount->commit, 0, sizeof(mount->commit));
		mount->commit.transid = transid;
		mount->active = mount->configured;
		twostage_settle_join(mount);
		mount->commit.policy = mount->active;
	}
	spin_unlock(&mount->lock);
}

/**
 * twostage_pass_begin - begin a pass
 * @mount: the filesystem's state
 * @pass: the pass, with its kind and transid set
 * @dirty: number of dirty block groups
 *
 * Context: the task that runs the pass, which also calls twostage_pass_end().
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

/**
 * twostage_pass_end - end a pass and add it to its commit
 * @mount: the filesystem's state
 * @pass: the pass
 * @result: 0 or a negative errno
 */
void twostage_pass_end(struct twostage_mount *mount,
		       struct twostage_pass *pass, int result)
{
	struct twostage_commit *commit = &mount->commit;
	enum twostage_phase phase = (enum twostage_phase)pass->kind;

	pass->duration_ns = ktime_get_ns() - pass->began;
	WRITE_ONCE(mount->pass_task, NULL);
	mount->pass = NULL;

	commit->num_started += pass->num_started;
	commit->num_waited += pass->num_waited;
	commit->num_redirtied += pass->num_redirtied;
	commit->num_put_off += pass->num_put_off;
	commit->peak_in_flight = max(commit->peak_in_flight,
				     pass->peak_in_flight);
	commit->bytes += pass->bytes;
	commit->phase_ns[phase] += pass->duration_ns;
	commit->start_ns += pass->start_ns;
	commit->wait_ns += pass->wait_ns;
	note_time(mount, phase, pass->duration_ns);
	if (pass->kind == TWOSTAGE_PASS_EARLY)
		note_value(mount, TWOSTAGE_HISTOGRAM_early_ns,
			   pass->duration_ns);
	if (pass->kind == TWOSTAGE_PASS_COMMIT)
		note_value(mount, TWOSTAGE_HISTOGRAM_commit_ns,
			   pass->duration_ns);
	trace_twostage_pass_end(mount->fs_info, pass, result);
}

/**
 * twostage_commit_enter - note that a task asks for a commit
 * @trans: its transaction
 * @committer: on the task's stack, in use until twostage_commit_leave()
 *
 * Another task may turn out to do the commit.
 */
void twostage_commit_enter(const struct btrfs_trans_handle *trans,
			   struct twostage_committer *committer)
{
	struct twostage_mount *mount = twostage_mount_find(trans->fs_info);

	committer->mount = mount;
	if (!mount)
		return;
	committer->task = current;
	committer->transid = trans->transid;
	committer->entered = ktime_get_ns();
	committer->critical = false;
	committer->commit.transid = 0;
	spin_lock(&mount->lock);
	list_add(&committer->node, &mount->committers);
	spin_unlock(&mount->lock);
}

/* A transaction is aborted shortly before the filesystem is in error. */
static bool has_failed(const struct btrfs_fs_info *fs_info)
{
	return test_bit(BTRFS_FS_STATE_TRANS_ABORTED, &fs_info->fs_state) ||
	       BTRFS_FS_ERROR(fs_info);
}

/*
 * Whether a task that leaves records its commit: the one that was in the critical
 * section, or if the transaction failed before that, the last one to learn of it. A
 * commit may fail without the transaction, which another commit then finishes.
 */
static bool is_to_record(struct twostage_mount *mount,
			 const struct twostage_committer *committer, int result)
{
	const struct twostage_committer *other;

	if (!committer->critical) {
		if (!result || !has_failed(mount->fs_info) ||
		    mount->recorded >= committer->transid)
			return false;
		list_for_each_entry(other, &mount->committers, node)
			if (other->transid == committer->transid)
				return false;
	}
	mount->recorded = max(mount->recorded, committer->transid);
	return true;
}

/* What was read ahead since the commit before. */
static void take_read(struct twostage_mount *mount, struct twostage_commit *commit)
{
	commit->num_blocks_read = atomic_xchg(&mount->blocks_read, 0);
	commit->num_caches_read = atomic_xchg(&mount->caches_read, 0);
	commit->read_ns = atomic64_xchg(&mount->read_ns, 0);
}

/* What is known of a commit whose critical section did not end. */
static void copy_failed(struct twostage_mount *mount, struct twostage_committer *committer)
{
	struct twostage_commit *commit = &committer->commit;

	if (mount->commit.transid == committer->transid) {
		*commit = mount->commit;
	} else {
		memset(commit, 0, sizeof(*commit));
		commit->transid = committer->transid;
		commit->policy = mount->configured;
	}
	take_read(mount, commit);
}

/**
 * twostage_commit_leave - note that the commit is over for a task
 * @committer: as passed to twostage_commit_enter()
 * @result: 0, or the negative errno with which the commit failed
 */
void twostage_commit_leave(struct twostage_committer *committer, int result)
{
	struct twostage_mount *mount = committer->mount;
	struct twostage_commit *commit = &committer->commit;
	bool record;

	if (!mount)
		return;
	spin_lock(&mount->lock);
	list_del(&committer->node);
	if (mount->committer == committer)
		mount->committer = NULL;
	record = is_to_record(mount, committer, result);
	if (record && !commit->transid)
		copy_failed(mount, committer);
	spin_unlock(&mount->lock);
	if (!record)
		return;

	commit->result = result;
	twostage_history_append(&mount->history, commit, committer->entered);
	note_time(mount, TWOSTAGE_PHASE_whole,
		  commit->phase_ns[TWOSTAGE_PHASE_whole]);
	trace_twostage_commit_end(mount->fs_info, commit);
}

static struct twostage_committer *
find_committer(const struct twostage_mount *mount)
{
	struct twostage_committer *committer;

	list_for_each_entry(committer, &mount->committers, node)
		if (committer->task == current)
			return committer;
	return NULL;
}

/**
 * twostage_critical_begin - begin the critical section of a commit
 * @fs_info: the filesystem
 *
 * Context: the committing task, just before other writers can no longer join.
 */
void twostage_critical_begin(struct btrfs_fs_info *fs_info)
{
	struct twostage_mount *mount = twostage_mount_find(fs_info);
	struct twostage_committer *committer;

	if (!mount)
		return;
	twostage_commit_join(mount, fs_info->running_transaction->transid);
	spin_lock(&mount->lock);
	committer = find_committer(mount);
	mount->committer = committer;
	spin_unlock(&mount->lock);
	if (WARN_ON_ONCE(!committer))
		return;
	committer->critical = true;
	WRITE_ONCE(mount->critical_began, ktime_get_ns());
}

/**
 * twostage_critical_end - end the critical section of a commit
 * @fs_info: the filesystem
 * @transid: the transaction
 *
 * Not called if the critical section fails.
 *
 * Context: the committing task, just before others may start the next
 * transaction.
 */
void twostage_critical_end(struct btrfs_fs_info *fs_info, u64 transid)
{
	struct twostage_mount *mount = twostage_mount_find(fs_info);
	struct twostage_committer *committer;
	u64 critical_ns;

	if (!mount || !mount->committer || mount->commit.transid != transid)
		return;
	committer = mount->committer;
	WRITE_ONCE(mount->critical_ended, ktime_get_ns());
	critical_ns = mount->critical_ended - mount->critical_began;
	note_time(mount, TWOSTAGE_PHASE_critical, critical_ns);
	count(mount, TWOSTAGE_COUNTER_commits, 1);
	mount->commit.phase_ns[TWOSTAGE_PHASE_critical] = critical_ns;
	take_read(mount, &mount->commit);
	/* The next transaction may begin while this task is on its way out. */
	committer->commit = mount->commit;
	trace_twostage_commit(fs_info, &committer->commit);
}

/**
 * twostage_join_begin - note that a task wants to join a transaction
 *
 * Return: what to pass to twostage_join_end().
 */
u64 twostage_join_begin(void)
{
	return trace_twostage_held_up_enabled() ? ktime_get_ns() : 0;
}

/**
 * twostage_join_end - trace for how long a critical section kept a task from joining
 * @fs_info: the filesystem
 * @began: what twostage_join_begin() said
 *
 * A task may wait a little before and after a critical section, too.
 */
void twostage_join_end(struct btrfs_fs_info *fs_info, u64 began)
{
	struct twostage_mount *mount = began ? twostage_mount_find(fs_info) : NULL;
	u64 critical_began, critical_ended, ended;

	if (!mount)
		return;
	ended = ktime_get_ns();
	critical_began = READ_ONCE(mount->critical_began);
	critical_ended = READ_ONCE(mount->critical_ended);
	/* If the next one has begun since, only that is known. */
	if (critical_ended > critical_began)
		ended = min(ended, critical_ended);
	began = max(began, critical_began);
	if (critical_began && ended > began)
		trace_twostage_held_up(fs_info, READ_ONCE(mount->commit.transid),
				       ended - began);
}

static void note_in_flight(struct twostage_mount *mount,
			   struct twostage_pass *pass, u32 in_flight)
{
	/* Starts do not race with each other, only with a reset. */
	if (in_flight > atomic_read(&mount->peak_in_flight))
		atomic_set(&mount->peak_in_flight, in_flight);
	if (pass)
		pass->peak_in_flight = max(pass->peak_in_flight, in_flight);
}

static void count_skipped(struct twostage_mount *mount, int result)
{
	count(mount, TWOSTAGE_COUNTER_num_skipped, 1);
	if (result == -ENOSPC)
		count(mount, TWOSTAGE_COUNTER_num_skipped_no_space, 1);
	else if (result == -ENOMEM)
		count(mount, TWOSTAGE_COUNTER_num_skipped_no_memory, 1);
	else if (result)
		count(mount, TWOSTAGE_COUNTER_num_skipped_error, 1);
}

/**
 * twostage_cache_file - the file of a cache in flight
 * @block_group: its block group
 *
 * Context: a task that may start, wait for or discard the cache.
 * Return: all zeros if the cache is not in flight.
 */
struct twostage_cache_file
twostage_cache_file(const struct btrfs_block_group *block_group)
{
	const struct inode *inode = block_group->io_ctl.inode;
	struct twostage_cache_file file = {};

	if (inode) {
		file.inode = inode->i_ino;
		file.bytes = i_size_read(inode);
	}
	return file;
}

/**
 * twostage_cache_set_up - count an attempt to set up a cache file
 * @block_group: its block group, whose disk_cache_state tells the result
 */
void twostage_cache_set_up(struct btrfs_block_group *block_group)
{
	struct twostage_mount *mount =
		twostage_mount_find(block_group->fs_info);

	if (mount && block_group->disk_cache_state != BTRFS_DC_SETUP)
		count(mount, TWOSTAGE_COUNTER_num_not_set_up, 1);
}

/**
 * twostage_cache_outgrown - count a cache file that was set up again, larger
 * @mount: the filesystem's state
 */
void twostage_cache_outgrown(struct twostage_mount *mount)
{
	count(mount, TWOSTAGE_COUNTER_num_outgrown, 1);
}

/**
 * twostage_cache_put_off - count a cache that is not written because of settle
 * @trans: the transaction
 * @mount: the filesystem's state
 * @block_group: its block group
 * @quiet: number of commits since that was dirtied before
 */
void twostage_cache_put_off(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
			    const struct btrfs_block_group *block_group, u32 quiet)
{
	struct twostage_pass *pass = own_pass(mount);

	count(mount, TWOSTAGE_COUNTER_num_put_off, 1);
	if (pass)
		pass->num_put_off++;
	trace_twostage_cache_put_off(trans->fs_info, block_group, trans->transid, quiet,
				     atomic_read(&mount->settle.num));
}

/**
 * twostage_cache_invalidated - count a valid cache that became invalid
 * @trans: the transaction
 * @mount: the filesystem's state
 * @block_group: its block group
 */
void twostage_cache_invalidated(struct btrfs_trans_handle *trans,
				struct twostage_mount *mount,
				const struct btrfs_block_group *block_group)
{
	count(mount, TWOSTAGE_COUNTER_num_invalidated, 1);
	trace_twostage_cache_invalidate(trans->fs_info, block_group, trans->transid, 0,
					atomic_read(&mount->settle.num));
}

/**
 * twostage_cache_settled - count a cache that was written and is valid again
 * @trans: the transaction
 * @mount: the filesystem's state
 * @block_group: its block group
 * @quiet: number of commits since that was dirtied before
 */
void twostage_cache_settled(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
			    const struct btrfs_block_group *block_group, u32 quiet)
{
	count(mount, TWOSTAGE_COUNTER_num_settled, 1);
	trace_twostage_cache_settle(trans->fs_info, block_group, trans->transid, quiet,
				    atomic_read(&mount->settle.num));
}

/* A mount that has no state yet only makes the totals of the module grow. */
static void count_read(struct twostage_mount *mount, enum twostage_counter counter, u64 amount)
{
	if (mount)
		count(mount, counter, amount);
	else
		atomic64_add(amount, &twostage_totals[counter]);
}

/**
 * twostage_block_used - count a tree block that btrfs asked for after it was read ahead
 * @mount: the filesystem's state, or NULL if it has none yet
 */
void twostage_block_used(struct twostage_mount *mount)
{
	count_read(mount, TWOSTAGE_COUNTER_num_ahead_used, 1);
}

/**
 * twostage_read_started - count what is being read ahead, once all of it is
 * @fs_info: the filesystem
 * @mount: its state, or NULL if it has none yet
 * @transid: the transaction, or 0
 * @read: what is being read
 *
 * The next commit to end has it in the history.
 */
void twostage_read_started(struct btrfs_fs_info *fs_info, struct twostage_mount *mount,
			   u64 transid, const struct twostage_read *read)
{
	u64 duration_ns = ktime_get_ns() - read->began;

	count_read(mount, TWOSTAGE_COUNTER_num_read_ahead, read->num_blocks);
	count_read(mount, TWOSTAGE_COUNTER_num_ahead_in_memory, read->num_in_memory);
	count_read(mount, TWOSTAGE_COUNTER_num_caches_read_ahead, read->num_caches);
	if (mount) {
		atomic_add(read->num_blocks, &mount->blocks_read);
		atomic_add(read->num_caches, &mount->caches_read);
		atomic64_add(duration_ns, &mount->read_ns);
	}
	trace_twostage_read_ahead(fs_info, transid, read, duration_ns);
}

/**
 * twostage_cache_started - count an attempt to start a cache
 * @trans: the transaction
 * @block_group: its block group, whose io_ctl holds the cache file if the
 *	cache is now in flight
 * @began: when the attempt began
 * @result: its result; 0 without a cache file means there was nothing to write
 */
void twostage_cache_started(struct btrfs_trans_handle *trans,
			    struct btrfs_block_group *block_group,
			    u64 began, int result)
{
	struct twostage_mount *mount = twostage_mount_find(trans->fs_info);
	struct twostage_cache_file file = {};
	struct twostage_pass *pass;
	u64 duration_ns;
	u32 in_flight;

	if (!mount)
		return;
	pass = own_pass(mount);
	duration_ns = ktime_get_ns() - began;
	count(mount, TWOSTAGE_COUNTER_start_ns, duration_ns);
	if (pass)
		pass->start_ns += duration_ns;

	if (!result)
		file = twostage_cache_file(block_group);
	if (!file.inode) {
		count_skipped(mount, result);
		trace_twostage_cache_skip(trans->fs_info, block_group,
					  trans->transid, &file,
					  atomic_read(&mount->in_flight),
					  duration_ns, result);
		return;
	}

	in_flight = atomic_inc_return(&mount->in_flight);
	note_in_flight(mount, pass, in_flight);
	count(mount, TWOSTAGE_COUNTER_num_started, 1);
	count(mount, TWOSTAGE_COUNTER_bytes_started, file.bytes);
	note_value(mount, TWOSTAGE_HISTOGRAM_in_flight, in_flight);
	if (pass) {
		pass->num_started++;
		pass->bytes += file.bytes;
	}
	trace_twostage_cache_start(trans->fs_info, block_group, trans->transid,
				   &file, in_flight, duration_ns, result);
}

/**
 * twostage_cache_waited - count a wait for a cache in flight
 * @trans: the transaction
 * @block_group: its block group
 * @file: its cache file
 * @began: when the wait began
 * @redirtied: the block group was back on the dirty list by then
 * @result: the result of the wait
 */
void twostage_cache_waited(struct btrfs_trans_handle *trans,
			   struct btrfs_block_group *block_group,
			   const struct twostage_cache_file *file, u64 began,
			   bool redirtied, int result)
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
	count(mount, TWOSTAGE_COUNTER_num_waited, 1);
	count(mount, TWOSTAGE_COUNTER_wait_ns, duration_ns);
	if (reason == TWOSTAGE_WAIT_REDIRTIED)
		count(mount, TWOSTAGE_COUNTER_num_redirtied, 1);
	if (result)
		count(mount, TWOSTAGE_COUNTER_num_failed, 1);
	else
		twostage_settled(trans, mount, block_group);
	if (result == -EIO)
		count(mount, TWOSTAGE_COUNTER_num_failed_io, 1);
	note_value(mount, TWOSTAGE_HISTOGRAM_wait_ns, duration_ns);
	trace_twostage_cache_wait(trans->fs_info, block_group, trans->transid,
				  file, atomic_dec_return(&mount->in_flight),
				  duration_ns, reason, result);
}

/**
 * twostage_cache_discarded - count a cache that an aborted transaction drops
 * @block_group: its block group
 * @file: its cache file
 *
 * Context: the abort's cleanup, after the passes of the transaction.
 */
void twostage_cache_discarded(struct btrfs_block_group *block_group,
			      const struct twostage_cache_file *file)
{
	struct twostage_mount *mount =
		twostage_mount_find(block_group->fs_info);

	if (!mount)
		return;
	count(mount, TWOSTAGE_COUNTER_num_discarded, 1);
	trace_twostage_cache_discard(block_group->fs_info, block_group,
				     mount->commit.transid, file,
				     atomic_dec_return(&mount->in_flight), 0,
				     -EIO);
}

/**
 * twostage_extent_completed - trace the end of a cache file's ordered extent
 * @inode: any file; others than cache files are ignored
 * @extent: the extent
 *
 * Context: a worker. The transaction that started the cache is still running,
 * and waits for this.
 */
void twostage_extent_completed(struct btrfs_inode *inode,
			       const struct btrfs_ordered_extent *extent)
{
	struct btrfs_fs_info *fs_info = inode->root->fs_info;
	struct twostage_mount *mount;

	if (!trace_twostage_cache_complete_enabled() ||
	    !btrfs_is_free_space_inode(inode))
		return;
	mount = twostage_mount_find(fs_info);
	if (!mount)
		return;
	trace_twostage_cache_complete(
		fs_info, mount->commit.transid, btrfs_ino(inode),
		extent->file_offset, extent->num_bytes,
		test_bit(BTRFS_ORDERED_IOERR, &extent->flags) ? -EIO : 0);
}
