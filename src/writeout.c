// SPDX-License-Identifier: GPL-2.0
/*
 * The two-stage writeout of dirty block groups.
 *
 * A block group that was allocated from or freed into is dirty: before the
 * transaction commits, its item in the extent tree must be updated and its free
 * space cache, a small file, written. Writing one cache and waiting for it before
 * the next leaves the disk idle in between. So:
 *
 *	stage one	start the cache of every dirty block group and put it on
 *			a list;
 *	stage two	wait for the caches on the list, oldest first.
 *
 * A window bounds how many caches may be in flight: when it is full, the oldest
 * is waited for before the next is started. A window of 1 is the old, serial
 * writeout; 0 is no bound.
 *
 * Up to three kinds of pass do this in each transaction. The early pass runs
 * before the critical section, while other tasks still join the transaction and
 * may redirty block groups; it takes work out of the critical section. In the
 * critical section, the setup pass sets up the cache files of what is dirty then,
 * and commit passes write until nothing is dirty: each may dirty block groups
 * itself, by allocating space for what it writes.
 *
 * For each block group the order is: set up the cache file, run delayed refs,
 * start the cache, update the item. Setting up allocates, so it must come before
 * the free space is written down. Delayed refs change free space as well, and
 * insert the items of new block groups.
 *
 * Ownership: an entry on a dirty list holds a reference to its block group and a
 * reservation. Taking it off releases the reservation. The reference moves to the
 * io_bgs list if the cache was started; waiting for the cache puts it. A block
 * group on both lists has two references.
 *
 * Locks: dirty_bgs_lock protects the dirty list of the transaction and every
 * ->dirty_list. Before the critical section, cache_write_mutex keeps block groups
 * from being removed, and protects io_bgs and ->io_list. In it, nobody else
 * removes or waits, but workers that complete the caches' I/O still add dirty
 * block groups.
 *
 * The early pass leaves to the commit passes what cannot be right yet: caches of
 * block groups with reserved space. At its end it collects the caches that are
 * already complete, so that the critical section only waits for the rest.
 *
 * With fit, a cache file has room for what the cache holds when it is set up, and
 * some more (fit.c). If the cache outgrows its file, a commit pass sets it up
 * again, once, with a file of the stock size.
 *
 * A cache that cannot be written is left with a generation that the next mount
 * rejects, and life goes on. An item that cannot be updated aborts the
 * transaction, as does a cache file that cannot be looked up or made invalid.
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

/* Wait until the window has room for another cache. */
static void make_room(struct btrfs_trans_handle *trans,
		      struct twostage_mount *mount, struct btrfs_path *path)
{
	unsigned int window = mount->active.window;

	while (window && atomic_read(&mount->in_flight) >= window &&
	       !list_empty(&trans->transaction->io_bgs))
		wait_for_oldest(trans, path);
}

/*
 * Caches are allocated side by side, so plugging the device merges small ones into
 * one request. Not with a window: the task would wait for caches that it holds
 * back itself.
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
 * Returns 1 if the cache is now in flight, with the caller's reference moved to
 * io_bgs; 0 if there was nothing to start; or a negative errno if there will be no
 * cache, which is no error of the commit.
 */
static int start_cache(struct btrfs_trans_handle *trans,
		       struct btrfs_block_group *block_group,
		       struct btrfs_path *path)
{
	int ret;

	if (block_group->disk_cache_state != BTRFS_DC_SETUP)
		return 0;

	/* Only set if there is something to wait for. */
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
 * Reserved space is not in the cache. Allocating it redirties the block group, and
 * the cache was written for nothing. Giving it back does not, as when the commit
 * frees the blocks of a log tree: then the cache lacks that space, and the next
 * mount rejects it.
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
 * section. Returns false if it is there already.
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

/* Write the first block group of a list. Called with cache_write_mutex held. */
static int write_one_early(struct btrfs_trans_handle *trans,
			   struct twostage_mount *mount,
			   struct btrfs_path *path, struct list_head *dirty)
{
	struct btrfs_transaction *transaction = trans->transaction;
	struct btrfs_block_group *block_group =
		list_first_entry(dirty, struct btrfs_block_group, dirty_list);
	bool incomplete, deferred = false;
	int started = 0;
	int ret;

	/*
	 * The wait marks a block group clean unless it is on a dirty list, so
	 * take it off only afterwards.
	 */
	if (!list_empty(&block_group->io_list))
		wait_for_cache(trans, block_group, path);

	spin_lock(&transaction->dirty_bgs_lock);
	list_del_init(&block_group->dirty_list);
	spin_unlock(&transaction->dirty_bgs_lock);

	twostage_set_up_cache(trans, mount, block_group, path);
	incomplete = block_group->disk_cache_state == BTRFS_DC_SETUP &&
		     has_reservations(block_group);
	if (!incomplete) {
		started = start_cache(trans, block_group, path);
		incomplete = twostage_outgrew_file(block_group, started) ||
			     (started > 0 && has_reservations(block_group));
	}

	/*
	 * A new block group may not have an item yet: it may still be on the
	 * list of the task that creates it.
	 */
	ret = twostage_update_item(trans, path, block_group);
	if (ret == -ENOENT || (!ret && incomplete)) {
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

	/* Drop the mutex after each block group, for tasks that remove one. */
	while (!done && !ret) {
		mutex_lock(cache_write_mutex);
		done = list_empty(dirty);
		if (!done)
			ret = write_one_early(trans, mount, path, dirty);
		mutex_unlock(cache_write_mutex);
	}
	return ret;
}

/* Does not sleep for I/O, but each cache has two items to update. */
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
 * twostage_run_delayed_work - run delayed items and refs before the early pass
 * @trans: a handle of the transaction that is about to commit
 *
 * Otherwise the commit runs the delayed items soon after the early pass, and their
 * delayed refs in the critical section, where they redirty block groups. Other tasks
 * may still queue more: the commit runs these, as well as all if there is no memory to
 * run them here.
 *
 * Context: as for twostage_write_early(). May sleep.
 * Return: 0, or a negative errno with the transaction aborted.
 */
int twostage_run_delayed_work(struct btrfs_trans_handle *trans)
{
	int ret;

	ret = twostage_run_some_delayed_items(trans);
	if (ret)
		return TRANS_ABORTED(trans) ? ret : 0;
	return twostage_run_some_delayed_refs(trans);
}

/**
 * twostage_write_early - the early pass
 * @trans: a handle of the transaction that is about to commit
 * @mount: the filesystem's state
 *
 * Starts what is dirty now, then what became dirty meanwhile. Leaves waiting to
 * the commit passes, and everything if there is no memory for a path. On an error,
 * drops what is dirty or in flight.
 *
 * Context: one task per transaction, before the critical section; other tasks may
 * still join. Takes cache_write_mutex and dirty_bgs_lock. May sleep.
 * Return: 0, or a negative errno with the transaction aborted.
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
		/* Block groups on the list may be too new to have an item. */
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
 * Sets up the cache file of each dirty block group that has none yet, so that
 * their space is allocated before the commit passes write down what is free. A
 * cache that cannot be set up is not written. Leaves everything to the commit passes
 * if there is no memory for a path.
 *
 * Context: the committing task, in the critical section. May sleep.
 * Return: 0.
 */
int twostage_set_up_caches(struct btrfs_trans_handle *trans,
			   struct twostage_mount *mount)
{
	struct btrfs_transaction *transaction = trans->transaction;
	struct btrfs_block_group *block_group;
	struct btrfs_path *path;

	path = btrfs_alloc_path();
	if (!path)
		return 0;

	/*
	 * While the lock is dropped, the list can only grow at its end: in the
	 * critical section only this task takes block groups off.
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
 * Take the first dirty block group off the transaction's list, after waiting for
 * its cache if it is in flight. Returns NULL if nothing is dirty.
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
 * A worker that completes a cache's I/O may have created a block group and not yet
 * inserted its item. It does so before it ends its transaction handle; this is
 * rare enough to wait for all of them.
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
 * Starts caches until nothing is dirty, then waits for all in flight, those of the
 * early pass included. On an error it starts no more but still waits; the abort's
 * cleanup takes what is left on the dirty list.
 *
 * Context: the committing task, in the critical section, as long as anything is
 * dirty. Takes dirty_bgs_lock. May sleep.
 * Return: 0, or a negative errno, on which the caller aborts the transaction
 * unless it is aborted already.
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
