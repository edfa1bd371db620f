// SPDX-License-Identifier: GPL-2.0
/*
 * Setting up the file that a cache is written to.
 *
 * A cache is never written over an older one: after a crash the cache of the
 * last commit must still be there. So each transaction allocates another extent
 * for the file, and frees the one it had, which nobody gets before the
 * transaction is on the device; all before the free space is written down. The
 * generation of a file that is set up is 0, with which no mount uses it; what
 * waits for the cache gives it a real one.
 *
 * This does what the distribution's cache_save_setup() does, and leaves the same
 * on disk. It differs in three things. The size: where `fit` is on, see fit.c.
 * The step from the old extent to the new, where they have one size; see
 * allocate_file(). And where it looks for space: the distribution begins each
 * search at the start of the filesystem, so that on a nearly full one every cache
 * walks past the same full block groups. Here only the first of a pass does; the
 * next goes on from there.
 *
 * A step that fails leaves the block group without a cache and is no error of
 * the commit, but for one: a file that cannot be made invalid could be used by
 * the next mount, so then the transaction is aborted.
 *
 * Context, of everything here: a pass of the transaction, the only one to set
 * up cache files. Takes block_group->lock. May sleep.
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
#include "counters.h"
#include "fit.h"
#include "mount.h"

#ifdef TWOSTAGE_FAULTS
#include "fault-cache-file.h"
#endif

/* A smaller block group has its free space looked up in the extent tree. */
#define LEAST_LENGTH (100 * SZ_1M)

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

/* The file, which is created unless nothing may be allocated for it. */
static struct inode *find_file(struct btrfs_trans_handle *trans,
			       struct btrfs_block_group *block_group,
			       struct btrfs_path *path)
{
	struct inode *inode;
	int ret;

	inode = lookup_free_space_inode(block_group, path);
	if (inode != ERR_PTR(-ENOENT) || block_group->ro)
		return inode;

	ret = create_free_space_inode(trans, block_group, path);
	if (ret)
		return ERR_PTR(ret);
	inode = lookup_free_space_inode(block_group, path);
	if (IS_ERR(inode))
		btrfs_err(
			trans->fs_info,
			"the cache file of block group %llu was created and is not found: %ld",
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

static int may_empty(struct btrfs_trans_handle *trans)
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
	ret = may_empty(trans);
	if (ret)
		return ret;
	return btrfs_truncate_free_space_cache(trans, NULL, inode);
}

/* Whether it is known what is free, and a mount will ask for it. */
static bool has_contents(struct btrfs_block_group *block_group)
{
	bool cached;

	spin_lock(&block_group->lock);
	cached = block_group->cached == BTRFS_CACHE_FINISHED;
	spin_unlock(&block_group->lock);
	return cached && btrfs_test_opt(block_group->fs_info, SPACE_CACHE);
}

/* Whether the file has an extent of that size, and nothing behind its end. */
static bool has_size(struct inode *inode, u64 size)
{
	return i_size_read(inode) == size && inode_get_bytes(inode) == size;
}

/*
 * Where an extent was to take another's place and that failed half-way, the old one
 * may be gone without having been subtracted from what the inode says the file has.
 * Emptying subtracts only what it finds; the rest would be counted for ever. Once
 * the transaction is aborted, nothing of this gets to the disk.
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
 * In one extent. One of the size that the file has takes the old one's place, which
 * frees that: one item changes where otherwise one goes and one comes, and the inode
 * with them.
 *
 * Where there is no space for one cache, there is none for the others of the
 * transaction; what it frees may be enough for the next.
 */
static int allocate_file(struct btrfs_trans_handle *trans, struct inode *inode,
			 u64 size, u64 *search_from)
{
	struct extent_changeset *reserved = NULL;
	unsigned long *flags = &trans->transaction->flags;
	int ret;

	if (test_bit(BTRFS_TRANS_CACHE_ENOSPC, flags)) {
		ret = -ENOSPC;
		goto out;
	}
	ret = has_size(inode, size) ? may_empty(trans) : empty_file(trans, inode);
	if (ret)
		return ret;

	ret = btrfs_check_data_free_space(BTRFS_I(inode), &reserved, 0, size,
					  false);
	if (ret)
		goto out;
	ret = btrfs_prealloc_file_range_trans(inode, trans, 0, 0, size, size,
					      size, search_from);
	if (ret == -ENOSPC)
		set_bit(BTRFS_TRANS_CACHE_ENOSPC, flags);
out:
	extent_changeset_free(reserved);
	if (ret)
		give_file_up(trans, inode);
	return ret;
}

/* Returns the block group's new state. */
static enum btrfs_disk_cache_state
prepare_file(struct btrfs_trans_handle *trans,
	     struct btrfs_block_group *block_group, struct inode *inode,
	     bool fit, u64 *search_from)
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
	if (allocate_file(trans, inode, size, search_from))
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
	if (block_group->length < LEAST_LENGTH) {
		set_state(trans, block_group, BTRFS_DC_WRITTEN);
		return;
	}
	if (TRANS_ABORTED(trans))
		return;

	inode = find_file(trans, block_group, path);
	if (!IS_ERR(inode)) {
		state = prepare_file(trans, block_group, inode, fit,
				     &mount->pass->search_from);
		iput(inode);
	}
	btrfs_release_path(path);
	set_state(trans, block_group, state);
}

/**
 * twostage_set_up_cache - set up the file for a block group's cache
 * @trans: the transaction
 * @mount: the filesystem's state
 * @block_group: the block group; its disk_cache_state says how it went
 * @path: a path to use; it is released
 *
 * BTRFS_DC_SETUP is set if there is a file to write the cache to: one that was
 * set up in this transaction already, or is now. BTRFS_DC_WRITTEN is set if
 * there is no cache to write, BTRFS_DC_ERROR if something failed. Where the v1
 * cache is not in use, and after an abort, nothing is done.
 */
void twostage_set_up_cache(struct btrfs_trans_handle *trans,
			   struct twostage_mount *mount,
			   struct btrfs_block_group *block_group,
			   struct btrfs_path *path)
{
	set_up_file(trans, mount, block_group, path, mount->active.fit);
	twostage_cache_set_up(block_group);
}

/**
 * twostage_set_up_larger_cache - set up a larger file for a cache
 * @trans: the transaction
 * @mount: the filesystem's state
 * @block_group: the block group
 * @path: a path to use; it is released
 *
 * As twostage_set_up_cache(), as if it had not been called in this transaction,
 * and with a file of the distribution's size.
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
 * twostage_cache_is_complete - whether nothing of a cache is in flight any more
 * @block_group: its block group; the cache was started and not waited for
 *
 * Waiting for it does not sleep for the device then.
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
