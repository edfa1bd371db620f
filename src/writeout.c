// SPDX-License-Identifier: GPL-2.0
/*
 * The two-stage writeout of dirty block groups.
 *
 * A block group that was allocated from or freed into is dirty: its item in
 * the extent tree has to be updated before the transaction commits, and its
 * free space cache, a small file of its own, written. Writing one cache and
 * waiting for it before the next leaves the disk idle in between. So:
 *
 *	stage one	start the cache of every dirty block group, and keep
 *			the started ones on a list;
 *	stage two	wait for the list, oldest first.
 *
 * A window bounds how many may be in flight: at the bound the oldest is waited
 * for before the next is started. A window of 1 is the serial writeout of old,
 * 0 is no bound.
 *
 * Up to three kinds of pass do this in each transaction. The early pass runs
 * before the critical section, while other tasks still join the transaction
 * and dirty block groups again; it saves the critical section work. Within the
 * critical section, the setup pass prepares the cache files of what is dirty
 * then, and commit passes write until nothing is dirty: each may dirty block
 * groups itself, by allocating space for what it writes.
 *
 * For each block group the order is: cache file set up, delayed refs run,
 * cache started, item updated. Setting up allocates, so it must come before
 * the free space is written down; the delayed refs change free space too, and
 * insert the items of new block groups.
 *
 * Ownership: an entry of a dirty list holds one reference to its block group
 * and one reservation. When an entry is taken off, the reservation is
 * released, and the reference goes to the io_bgs list if the cache was
 * started; waiting for the cache puts it. The two lists hold a reference each
 * when a block group stands on both.
 *
 * Locks: dirty_bgs_lock protects the dirty list of the transaction and
 * everybody's ->dirty_list. Before the critical section, cache_write_mutex
 * keeps block groups from being removed, and protects io_bgs and ->io_list;
 * within it nobody else removes or waits, but workers that complete the
 * caches' IO still add dirty block groups.
 *
 * The early pass leaves to the commit passes what cannot be right yet: caches of
 * block groups in which space is reserved. What it has started and is complete when
 * it ends it collects, so that the critical section waits for the rest alone.
 *
 * A cache file has room for what the cache holds when it is set up, and some more
 * (fit.c). A cache that outgrows its file, in the early pass or since, is set up
 * again by a commit pass, once, with a file of the distribution's size.
 *
 * A cache that cannot be written is left with a generation that the next mount
 * refuses, and life goes on. An item that cannot be updated aborts the
 * transaction.
 */
#include <linux/blkdev.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "ctree.h"
#include "block-group.h"
#include "delayed-inode.h"
#include "disk-io.h"
#include "free-space-cache.h"
#include "transaction.h"

#include "compat/compat.h"
#include "cache-file.h"
#include "fit.h"
#include "mount.h"
#include "writeout.h"

#ifdef TWOSTAGE_FAULTS
#include "fault-writeout.h"
#endif

static void wait_for_cache(struct btrfs_trans_handle *trans,
			   struct btrfs_block_group *block_group,
			   struct btrfs_path *path)
{
	list_del_init(&block_group->io_list);
	btrfs_wait_cache_io(trans, block_group, path);
	btrfs_put_block_group(block_group);
}

static void wait_for_oldest(struct btrfs_trans_handle *trans,
			    struct btrfs_path *path)
{
	wait_for_cache(trans,
		       list_first_entry(&trans->transaction->io_bgs,
					struct btrfs_block_group, io_list),
		       path);
}

/* Wait until another cache may be started without exceeding the window. */
static void make_room(struct btrfs_trans_handle *trans,
		      struct twostage_mount *mount, struct btrfs_path *path)
{
	unsigned int window = mount->active.window;

	while (window && atomic_read(&mount->in_flight) >= window &&
	       !list_empty(&trans->transaction->io_bgs))
		wait_for_oldest(trans, path);
}

/*
 * Caches lie side by side, and small ones become one request for the device, if
 * they are held back until there are enough for one, or the task sleeps. Where
 * there is a window it would sleep with a window full of them, and none on the
 * device.
 */
static void hold_back(struct twostage_mount *mount, struct blk_plug *plug)
{
	if (!mount->active.window)
		blk_start_plug(plug);
}

static void let_go(struct twostage_mount *mount, struct blk_plug *plug)
{
	if (!mount->active.window)
		blk_finish_plug(plug);
}

/*
 * Returns 1 if the cache is in flight now, and the caller's reference belongs to
 * io_bgs; 0 if there was nothing to start; or the negative errno with which it
 * failed, which only says that there is no cache.
 */
static int start_cache(struct btrfs_trans_handle *trans,
		       struct btrfs_block_group *block_group,
		       struct btrfs_path *path)
{
	int ret;

	if (block_group->disk_cache_state != BTRFS_DC_SETUP)
		return 0;

	/* It is set only if there is something to wait for. */
	block_group->io_ctl.inode = NULL;
	ret = btrfs_write_out_cache(trans, block_group, path);
	if (ret)
		return ret;
	if (!block_group->io_ctl.inode)
		return 0;

	list_add_tail(&block_group->io_list, &trans->transaction->io_bgs);
	return 1;
}

/*
 * Space that is reserved is not in a cache. Where it is allocated, that makes the
 * block group dirty again, and the cache was written for nothing. Where it is given
 * back, as the blocks of a log tree are when the transaction commits, nothing does,
 * and the cache is refused at the next mount for having too little.
 */
static bool has_reservations(struct btrfs_block_group *block_group)
{
	u64 reserved;

	spin_lock(&block_group->lock);
	reserved = block_group->reserved;
	spin_unlock(&block_group->lock);
	return reserved;
}

/*
 * Put a block group back on the transaction's dirty list, for the critical
 * section. Returns false if somebody else has put it there.
 */
static bool defer_to_commit(struct btrfs_transaction *transaction,
			    struct btrfs_block_group *block_group)
{
	bool deferred;

	spin_lock(&transaction->dirty_bgs_lock);
	deferred = list_empty(&block_group->dirty_list);
	if (deferred) {
		btrfs_get_block_group(block_group);
		list_add_tail(&block_group->dirty_list,
			      &transaction->dirty_bgs);
	}
	spin_unlock(&transaction->dirty_bgs_lock);
	return deferred;
}

/*
 * Write the first block group of a list, in the early pass. The caller holds
 * cache_write_mutex.
 */
static int write_one_early(struct btrfs_trans_handle *trans,
			   struct twostage_mount *mount,
			   struct btrfs_path *path, struct list_head *dirty)
{
	struct btrfs_transaction *transaction = trans->transaction;
	struct btrfs_block_group *block_group =
		list_first_entry(dirty, struct btrfs_block_group, dirty_list);
	bool again, deferred = false;
	int started = 0;
	int ret;

	/*
	 * While a cache is waited for, a block group on a dirty list is known
	 * to need writing again, so it is taken off only afterwards.
	 */
	if (!list_empty(&block_group->io_list))
		wait_for_cache(trans, block_group, path);

	spin_lock(&transaction->dirty_bgs_lock);
	list_del_init(&block_group->dirty_list);
	spin_unlock(&transaction->dirty_bgs_lock);

	twostage_set_up_cache(trans, mount, block_group, path);
	again = block_group->disk_cache_state == BTRFS_DC_SETUP &&
		has_reservations(block_group);
	if (!again) {
		started = start_cache(trans, block_group, path);
		again = twostage_outgrew_file(block_group, started) ||
			(started > 0 && has_reservations(block_group));
	}

	/*
	 * A new block group may have no item yet: the task that creates it may
	 * still hold it on a list of its own.
	 */
	ret = twostage_update_item(trans, path, block_group);
	if (ret == -ENOENT || (!ret && again)) {
		deferred = defer_to_commit(transaction, block_group);
		ret = 0;
	}
	if (ret)
		btrfs_abort_transaction(trans, ret);

	if (started <= 0)
		btrfs_put_block_group(block_group);
	if (!deferred)
		twostage_release_reservation(trans->fs_info);
	if (!ret)
		make_room(trans, mount, path);
	return ret;
}

static int write_list_early(struct btrfs_trans_handle *trans,
			    struct twostage_mount *mount,
			    struct btrfs_path *path, struct list_head *dirty)
{
	struct mutex *cache_write_mutex = &trans->transaction->cache_write_mutex;
	bool done = false;
	int ret = 0;

	/*
	 * The mutex is given away after each block group, for tasks that wait
	 * to remove one; the list is looked at only under it.
	 */
	while (!done && !ret) {
		mutex_lock(cache_write_mutex);
		done = list_empty(dirty);
		if (!done)
			ret = write_one_early(trans, mount, path, dirty);
		mutex_unlock(cache_write_mutex);
	}
	return ret;
}

/* None of these is slept for, but each has two items to update. */
static void collect_complete(struct btrfs_trans_handle *trans,
			     struct btrfs_path *path)
{
	struct btrfs_transaction *transaction = trans->transaction;
	struct btrfs_block_group *block_group, *next;

	mutex_lock(&transaction->cache_write_mutex);
	list_for_each_entry_safe(block_group, next, &transaction->io_bgs, io_list)
		if (twostage_cache_is_complete(block_group))
			wait_for_cache(trans, block_group, path);
	mutex_unlock(&transaction->cache_write_mutex);
}

static bool take_dirty_list(struct btrfs_transaction *transaction,
			    struct list_head *dirty)
{
	bool taken;

	spin_lock(&transaction->dirty_bgs_lock);
	list_splice_init(&transaction->dirty_bgs, dirty);
	taken = !list_empty(dirty);
	spin_unlock(&transaction->dirty_bgs_lock);
	return taken;
}

static void give_back_dirty_list(struct btrfs_transaction *transaction,
				 struct list_head *dirty)
{
	spin_lock(&transaction->dirty_bgs_lock);
	list_splice_init(dirty, &transaction->dirty_bgs);
	spin_unlock(&transaction->dirty_bgs_lock);
}

/**
 * twostage_run_delayed_work - do before the early pass what the commit does anyway
 * @trans: a handle of the transaction that is about to commit
 *
 * The delayed items that other tasks left, and the delayed refs of those and of
 * all else so far. Else the commit runs the items soon after, and their refs in the
 * critical section, where they dirty block groups again.
 *
 * Context: as for twostage_write_early(). May sleep.
 * Return: 0 or a negative errno, and then the transaction is aborted. But for one:
 * without memory to begin with nothing was run, and what is dirty is left to the task
 * that commits next.
 */
int twostage_run_delayed_work(struct btrfs_trans_handle *trans)
{
	int ret;

	ret = btrfs_run_delayed_items(trans);
	if (ret)
		return ret;
	return twostage_run_some_delayed_refs(trans);
}

/**
 * twostage_write_early - the early pass
 * @trans: a handle of the transaction that is about to commit
 * @mount: the filesystem's state
 *
 * Starts what is dirty now, and once more what became dirty meanwhile. Does
 * not sleep for caches at its end: the commit passes do, as they do everything when
 * there is no memory to begin with. On an error everything that is dirty or in flight is
 * dropped, and the transaction is aborted.
 *
 * Context: one task in each transaction, before the critical section; other
 * tasks may join. Takes cache_write_mutex and dirty_bgs_lock. May sleep.
 * Return: 0 or a negative errno.
 */
int twostage_write_early(struct btrfs_trans_handle *trans,
			 struct twostage_mount *mount)
{
	struct btrfs_transaction *transaction = trans->transaction;
	struct btrfs_path *path;
	struct blk_plug plug;
	LIST_HEAD(dirty);
	int round;
	int ret = 0;

	path = btrfs_alloc_path();
	if (!path)
		return 0;

	hold_back(mount, &plug);
	for (round = 0; round < 2; round++) {
		if (!take_dirty_list(transaction, &dirty))
			break;
		/* What is on the list may be too new to have an item. */
		btrfs_create_pending_block_groups(trans);

		ret = write_list_early(trans, mount, path, &dirty);
		if (ret)
			break;
		ret = twostage_run_some_delayed_refs(trans);
		if (ret)
			break;
	}

	let_go(mount, &plug);
	if (!ret)
		collect_complete(trans, path);
	btrfs_free_path(path);
	if (ret) {
		give_back_dirty_list(transaction, &dirty);
		btrfs_cleanup_dirty_bgs(transaction, trans->fs_info);
	}
	return ret;
}

/**
 * twostage_set_up_caches - the setup pass
 * @trans: the committing task's handle
 * @mount: the filesystem's state
 *
 * Prepares the cache file of each dirty block group that has none ready, so
 * that the space for them is allocated before the commit passes write down
 * which space is free. A cache that cannot be set up is not written.
 *
 * Context: the committing task, in the critical section. May sleep.
 * Return: 0 or -ENOMEM.
 */
int twostage_set_up_caches(struct btrfs_trans_handle *trans,
			   struct twostage_mount *mount)
{
	struct btrfs_transaction *transaction = trans->transaction;
	struct btrfs_block_group *block_group;
	struct btrfs_path *path;

	path = btrfs_alloc_path();
	if (!path)
		return -ENOMEM;

	/*
	 * The list only grows, at its end, while the lock is dropped: nobody
	 * takes block groups off it in the critical section but this task.
	 */
	spin_lock(&transaction->dirty_bgs_lock);
	list_for_each_entry(block_group, &transaction->dirty_bgs, dirty_list) {
		if (block_group->disk_cache_state != BTRFS_DC_CLEAR)
			continue;
		spin_unlock(&transaction->dirty_bgs_lock);
		twostage_set_up_cache(trans, mount, block_group, path);
		spin_lock(&transaction->dirty_bgs_lock);
	}
	spin_unlock(&transaction->dirty_bgs_lock);

	btrfs_free_path(path);
	return 0;
}

/*
 * Take the first dirty block group off the transaction's list, its cache not
 * in flight any more, or return NULL if nothing is dirty.
 */
static struct btrfs_block_group *
next_dirty(struct btrfs_trans_handle *trans, struct btrfs_path *path)
{
	struct btrfs_transaction *transaction = trans->transaction;
	struct btrfs_block_group *block_group;

	spin_lock(&transaction->dirty_bgs_lock);
	block_group = list_first_entry_or_null(&transaction->dirty_bgs,
					       struct btrfs_block_group,
					       dirty_list);
	if (block_group && !list_empty(&block_group->io_list)) {
		spin_unlock(&transaction->dirty_bgs_lock);
		wait_for_cache(trans, block_group, path);
		spin_lock(&transaction->dirty_bgs_lock);
	}
	if (block_group)
		list_del_init(&block_group->dirty_list);
	spin_unlock(&transaction->dirty_bgs_lock);
	return block_group;
}

/*
 * A worker that completes a cache's IO may have created a block group and not
 * yet inserted its item. It does so before it ends its part of the transaction;
 * this is rare enough to wait for all of them.
 */
static int update_item_after_workers(struct btrfs_trans_handle *trans,
				     struct btrfs_block_group *block_group,
				     struct btrfs_path *path)
{
	struct btrfs_transaction *transaction = trans->transaction;
	int ret;

	ret = twostage_update_item(trans, path, block_group);
	if (ret == -ENOENT) {
		wait_event(transaction->writer_wait,
			   atomic_read(&transaction->num_writers) == 1);
		ret = twostage_update_item(trans, path, block_group);
	}
	if (ret)
		btrfs_abort_transaction(trans, ret);
	return ret;
}

static int write_one_commit(struct btrfs_trans_handle *trans,
			    struct twostage_mount *mount,
			    struct btrfs_block_group *block_group,
			    struct btrfs_path *path)
{
	int started = 0;
	int ret;

	twostage_set_up_cache(trans, mount, block_group, path);
	ret = twostage_run_all_delayed_refs(trans);
	if (!ret)
		started = start_cache(trans, block_group, path);
	if (twostage_outgrew_file(block_group, started)) {
		twostage_set_up_larger_cache(trans, mount, block_group, path);
		ret = twostage_run_all_delayed_refs(trans);
		if (!ret)
			started = start_cache(trans, block_group, path);
	}
	if (!ret)
		ret = update_item_after_workers(trans, block_group, path);

	if (started <= 0)
		btrfs_put_block_group(block_group);
	twostage_release_reservation(trans->fs_info);
	if (!ret)
		make_room(trans, mount, path);
	return ret;
}

/**
 * twostage_write_commit - a commit pass
 * @trans: the committing task's handle
 * @mount: the filesystem's state
 *
 * Starts what is dirty until nothing is, then waits for everything in flight,
 * caches of the early pass included. On an error it starts nothing more, but
 * still waits; what is left on the dirty list is for the abort's cleanup.
 *
 * Context: the committing task, in the critical section, as often as something
 * is dirty. Takes dirty_bgs_lock. May sleep.
 * Return: 0 or a negative errno, on which the caller aborts the transaction if
 * it is not aborted yet.
 */
int twostage_write_commit(struct btrfs_trans_handle *trans,
			  struct twostage_mount *mount)
{
	struct btrfs_block_group *block_group;
	struct btrfs_path *path;
	struct blk_plug plug;
	int ret = 0;

	path = btrfs_alloc_path();
	if (!path)
		return -ENOMEM;

	hold_back(mount, &plug);
	while (!ret && (block_group = next_dirty(trans, path)))
		ret = write_one_commit(trans, mount, block_group, path);
	let_go(mount, &plug);

	while (!list_empty(&trans->transaction->io_bgs))
		wait_for_oldest(trans, path);

	btrfs_free_path(path);
	return ret;
}
