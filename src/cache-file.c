// SPDX-License-Identifier: GPL-2.0
/*
 * Setting up cache files.
 *
 * A cache is never written over an older one: after a crash, the cache of the
 * last commit must still be there. So each transaction allocates a new extent for
 * the file and frees the old one, which nobody can reuse before the transaction
 * is on disk. All of this happens before the free space is written down. A file
 * that is set up has generation 0, which no mount accepts; waiting for the cache
 * sets the real one.
 *
 * This does what stock btrfs' cache_save_setup() does, and leaves the same on
 * disk, with three differences:
 *
 *	size		with `fit`, see fit.c;
 *	new extent	one of the same size replaces the old one in one step, see
 *			allocate_file();
 *	where		stock btrfs searches for space from the start of the
 *			filesystem each time, so on a nearly full one every cache
 *			walks past the same full block groups. Here only the first
 *			cache of a pass does; the next goes on from there.
 *
 * If a step fails, the block group has no cache and the commit goes on. There is
 * one exception: the next mount might use a file that could not be looked up or not be
 * invalidated, so that aborts the transaction. (Stock btrfs goes on after a failed
 * lookup, and leaves an older cache that says it is valid.)
 *
 * Context, for everything here: a pass of the transaction, or just before one for
 * twostage_may_empty(); nothing else sets up cache files. Takes block_group->lock.
 * May sleep.
 */
#include <linux/fs.h>
#include <linux/spinlock.h>

#include "ctree.h"
#include "block-group.h"
#include "block-rsv.h"
#include "btrfs_inode.h"
#include "delalloc-space.h"
#include "free-space-cache.h"
#include "ordered-data.h"
#include "transaction.h"

#include "compat/inode.h"
#include "cache-file.h"
#include "fit.h"
#include "mount.h"

#ifdef TWOSTAGE_FAULTS
#include "fault-cache-file.h"
#endif

static void set_state(struct btrfs_trans_handle *trans,
		      struct btrfs_block_group *block_group,
		      enum btrfs_disk_cache_state state)
{
	spin_lock(&block_group->lock);
	if (state == BTRFS_DC_SETUP)
		block_group->cache_generation = trans->transid;
	block_group->disk_cache_state = state;
	spin_unlock(&block_group->lock);
}

static struct inode *lookup_file(struct btrfs_trans_handle *trans,
				 struct btrfs_block_group *block_group,
				 struct btrfs_path *path)
{
	struct inode *inode = lookup_free_space_inode(block_group, path);

	if (IS_ERR(inode) && inode != ERR_PTR(-ENOENT)) {
		btrfs_err(
			trans->fs_info,
			"the cache file of block group %llu cannot be looked up: %ld%s",
			block_group->start, PTR_ERR(inode),
			inode == ERR_PTR(-ENOMEM) ? "" : "; unmount and run btrfs check");
		btrfs_abort_transaction(trans, PTR_ERR(inode));
	}
	return inode;
}

/* Creates the file, unless the block group is read-only. */
static struct inode *find_file(struct btrfs_trans_handle *trans,
			       struct btrfs_block_group *block_group,
			       struct btrfs_path *path)
{
	struct inode *inode;
	int ret;

	inode = lookup_file(trans, block_group, path);
	if (inode != ERR_PTR(-ENOENT) || block_group->ro)
		return inode;

	ret = create_free_space_inode(trans, block_group, path);
	if (ret)
		return ERR_PTR(ret);
	inode = lookup_free_space_inode(block_group, path);
	if (IS_ERR(inode))
		btrfs_err(
			trans->fs_info,
			"the cache file of block group %llu was created but not found: %ld",
			block_group->start, PTR_ERR(inode));
	return inode;
}

static int invalidate_file(struct btrfs_trans_handle *trans,
			   struct inode *inode)
{
	int ret;

	BTRFS_I(inode)->generation = 0;
	ret = twostage_update_inode(trans, inode);
	if (ret)
		btrfs_abort_transaction(trans, ret);
	return ret;
}

/**
 * twostage_may_empty - whether there is metadata space to empty a cache file
 * @trans: the transaction
 *
 * Return: 0, or -ENOSPC.
 */
int twostage_may_empty(struct btrfs_trans_handle *trans)
{
	struct btrfs_fs_info *fs_info = trans->fs_info;

	return btrfs_check_trunc_cache_free_space(fs_info,
						  &fs_info->global_block_rsv);
}

static int empty_file(struct btrfs_trans_handle *trans, struct inode *inode)
{
	int ret;

	if (i_size_read(inode) <= 0)
		return 0;
	ret = twostage_may_empty(trans);
	if (ret)
		return ret;
	return btrfs_truncate_free_space_cache(trans, NULL, inode);
}

/* Whether the free space is known, and the next mount will want it. */
static bool has_contents(struct btrfs_block_group *block_group)
{
	bool cached;

	spin_lock(&block_group->lock);
	cached = block_group->cached == BTRFS_CACHE_FINISHED;
	spin_unlock(&block_group->lock);
	return cached && btrfs_test_opt(block_group->fs_info, SPACE_CACHE);
}

/* Whether the file has an extent of that size and nothing past its end. */
static bool has_size(struct inode *inode, u64 size)
{
	return i_size_read(inode) == size && inode_get_bytes(inode) == size;
}

/*
 * If replacing an extent failed half-way, the old one may be gone but still be
 * counted in the inode's bytes. Emptying the file subtracts only what it finds, so
 * correct the rest here. After an abort nothing of this reaches the disk.
 */
static void give_file_up(struct btrfs_trans_handle *trans, struct inode *inode)
{
	if (TRANS_ABORTED(trans) || i_size_read(inode) <= 0 ||
	    empty_file(trans, inode) || !inode_get_bytes(inode))
		return;
	inode_sub_bytes(inode, inode_get_bytes(inode));
	invalidate_file(trans, inode);
}

/*
 * Give the file one new extent. If the size stays the same, it replaces the old
 * one, which frees that: a single item changes, instead of one being deleted, one
 * inserted, and the inode updated for both.
 *
 * Once there is no space for a file, don't try others of the transaction that are as
 * large; the next one may use what this one frees. (Stock btrfs tries none, but its
 * files are all of a size.)
 */
static int allocate_file(struct btrfs_trans_handle *trans,
			 struct twostage_mount *mount, struct inode *inode, u64 size)
{
	struct extent_changeset *reserved = NULL;
	u64 *no_space_for = &mount->commit.no_space_for;
	int ret;

	if (*no_space_for && size >= *no_space_for) {
		ret = -ENOSPC;
		goto out;
	}
	ret = has_size(inode, size) ? twostage_may_empty(trans) : empty_file(trans, inode);
	if (ret)
		return ret;

	ret = btrfs_check_data_free_space(BTRFS_I(inode), &reserved, 0, size,
					  false);
	if (ret)
		goto out;
	ret = btrfs_prealloc_file_range_trans(inode, trans, 0, 0, size, size,
					      size, &mount->pass->search_from);
	if (ret == -ENOSPC)
		*no_space_for = size;
out:
	extent_changeset_free(reserved);
	if (ret)
		give_file_up(trans, inode);
	return ret;
}

/* Returns the new disk_cache_state of the block group. */
static enum btrfs_disk_cache_state
prepare_file(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
	     struct btrfs_block_group *block_group, struct inode *inode, bool fit)
{
	u64 size;

	if (invalidate_file(trans, inode))
		return BTRFS_DC_ERROR;
	if (block_group->cache_generation == trans->transid &&
	    i_size_read(inode))
		return BTRFS_DC_SETUP;
	if (!has_contents(block_group))
		return empty_file(trans, inode) ? BTRFS_DC_ERROR :
						  BTRFS_DC_WRITTEN;

	size = twostage_cache_file_size(trans, block_group, fit);
	if (allocate_file(trans, mount, inode, size))
		return BTRFS_DC_ERROR;
	return BTRFS_DC_SETUP;
}

static void set_up_file(struct btrfs_trans_handle *trans,
			struct twostage_mount *mount,
			struct btrfs_block_group *block_group,
			struct btrfs_path *path, bool fit)
{
	enum btrfs_disk_cache_state state = BTRFS_DC_ERROR;
	struct inode *inode;

	if (!btrfs_test_opt(trans->fs_info, SPACE_CACHE))
		return;
	if (block_group->length < TWOSTAGE_LEAST_LENGTH) {
		set_state(trans, block_group, BTRFS_DC_WRITTEN);
		return;
	}
	if (TRANS_ABORTED(trans))
		return;

	inode = find_file(trans, block_group, path);
	if (!IS_ERR(inode)) {
		state = prepare_file(trans, mount, block_group, inode, fit);
		iput(inode);
	}
	btrfs_release_path(path);
	set_state(trans, block_group, state);
}

/* With settle: mark the cache invalid, and do nothing else. */
static void put_off(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
		    struct btrfs_block_group *block_group, struct btrfs_path *path)
{
	struct inode *inode;

	if (TRANS_ABORTED(trans))
		return;
	inode = lookup_file(trans, block_group, path);
	if (!IS_ERR(inode)) {
		if (BTRFS_I(inode)->generation && !invalidate_file(trans, inode))
			twostage_cache_invalidated(trans, mount, block_group);
		iput(inode);
	}
	btrfs_release_path(path);
	set_state(trans, block_group, BTRFS_DC_CLEAR);
}

/**
 * twostage_set_up_cache - set up the file for a block group's cache
 * @trans: the transaction
 * @mount: the filesystem's state
 * @block_group: the block group; its disk_cache_state tells the result
 * @path: a path to use, released on return
 *
 * The result is BTRFS_DC_SETUP if there is a file to write the cache to, set up
 * now or earlier in this transaction; BTRFS_DC_WRITTEN if there is no cache to
 * write; BTRFS_DC_ERROR if something failed; BTRFS_DC_CLEAR if it is put off, see
 * settle.c. Does nothing if the v1 cache is not in use, or after an abort.
 */
void twostage_set_up_cache(struct btrfs_trans_handle *trans,
			   struct twostage_mount *mount,
			   struct btrfs_block_group *block_group,
			   struct btrfs_path *path)
{
	if (twostage_puts_off(trans, mount, block_group)) {
		put_off(trans, mount, block_group, path);
	} else {
		set_up_file(trans, mount, block_group, path, mount->active.fit);
		twostage_cache_set_up(block_group);
	}
}

/**
 * twostage_set_up_larger_cache - set up a file of the stock size for a cache
 * @trans: the transaction
 * @mount: the filesystem's state
 * @block_group: the block group; its disk_cache_state tells the result
 * @path: a path to use, released on return
 *
 * Like twostage_set_up_cache(), but ignores what it did in this transaction.
 */
void twostage_set_up_larger_cache(struct btrfs_trans_handle *trans,
				  struct twostage_mount *mount,
				  struct btrfs_block_group *block_group,
				  struct btrfs_path *path)
{
	spin_lock(&block_group->lock);
	block_group->cache_generation = 0;
	spin_unlock(&block_group->lock);

	set_up_file(trans, mount, block_group, path, false);
	twostage_cache_set_up(block_group);
	twostage_cache_outgrown(mount);
}

/**
 * twostage_cache_is_complete - whether a cache's I/O is complete
 * @block_group: its block group; the cache was started and not waited for
 *
 * If so, waiting for it does not sleep for the device.
 */
bool twostage_cache_is_complete(const struct btrfs_block_group *block_group)
{
	struct inode *inode = block_group->io_ctl.inode;
	struct btrfs_ordered_extent *extent;

	extent = btrfs_lookup_ordered_range(BTRFS_I(inode), 0,
					    i_size_read(inode));
	if (extent)
		btrfs_put_ordered_extent(extent);
	return !extent;
}
