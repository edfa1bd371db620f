// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of free-space-cache.c: counts every cache that is started or waited for,
 * by any task under any policy, rejects cache files of an impossible size before
 * they are read, notes which cannot be loaded, and reads them ahead.
 */
#include "ctree.h"
#include "block-group.h"
#include "free-space-cache.h"

#include "seam.h"

int stock_write_out_cache(struct btrfs_trans_handle *trans,
			  struct btrfs_block_group *block_group,
			  struct btrfs_path *path);
int stock_wait_cache_io(struct btrfs_trans_handle *trans,
			struct btrfs_block_group *block_group,
			struct btrfs_path *path);

#define btrfs_write_out_cache(first, ...)				\
	TWOSTAGE_SET_ASIDE(first, stock_write_out_cache,		\
			   btrfs_write_out_cache)(first, __VA_ARGS__)
#define btrfs_wait_cache_io(first, ...)					\
	TWOSTAGE_SET_ASIDE(first, stock_wait_cache_io,			\
			   btrfs_wait_cache_io)(first, __VA_ARGS__)

int stock_load_free_space_cache(struct btrfs_block_group *block_group);

#define load_free_space_cache(first)					\
	TWOSTAGE_SET_ASIDE(first, stock_load_free_space_cache,		\
			   load_free_space_cache)(first)

static int twostage_check_cache_size(struct inode *inode);

/* The argument of a call is a number or a word, that of the definition a type. */
#define TWOSTAGE_INIT_0		TWOSTAGE_IS(twostage_check_cache_size(inode) ?:)
#define TWOSTAGE_INIT_1		TWOSTAGE_INIT_0
#define TWOSTAGE_INIT_false	TWOSTAGE_INIT_0
#define TWOSTAGE_INIT_true	TWOSTAGE_INIT_0
#define TWOSTAGE_INIT_int	TWOSTAGE_IS(TWOSTAGE_NOTHING)
#define TWOSTAGE_INIT_bool	TWOSTAGE_INIT_int
#define io_ctl_init(io_ctl, inode, third)				\
	TWOSTAGE_BY(TWOSTAGE_INIT_##third) io_ctl_init(io_ctl, inode, third)
#ifdef TWOSTAGE_FAULTS
#include "fault-free-space-cache.h"
#endif
#include <fs/btrfs/free-space-cache.c>
#undef btrfs_write_out_cache
#undef btrfs_wait_cache_io
#undef io_ctl_init
#undef load_free_space_cache

#include "../counters.h"
#include "../readahead.h"
#include "../settle.h"

static bool is_possible_size(loff_t size)
{
	const loff_t most = (PAGE_SIZE - sizeof(u64)) / sizeof(u32) * PAGE_SIZE;

	return size > 0 && size <= most;
}

/*
 * The first page of a cache holds a checksum for each page, and a generation.
 * Stock btrfs checks that they fit when it writes a cache, but trusts the size on
 * disk when it reads one: it allocates by it, and reads checksums past the end of
 * the page. Setting up takes a negative size for an empty file, writing takes it
 * for no pages at all; so make it 0.
 */
static int twostage_check_cache_size(struct inode *inode)
{
	loff_t size = i_size_read(inode);

	if (is_possible_size(size))
		return 0;
	if (size < 0)
		btrfs_i_size_write(BTRFS_I(inode), 0);
	btrfs_err_rl(btrfs_sb(inode->i_sb),
		     "the free space cache file %llu has %lld bytes, refused",
		     btrfs_ino(BTRFS_I(inode)), size);
	return -EUCLEAN;
}

int btrfs_write_out_cache(struct btrfs_trans_handle *trans,
			  struct btrfs_block_group *block_group,
			  struct btrfs_path *path)
{
	u64 began = ktime_get_ns();
	int ret;

	ret = stock_write_out_cache(trans, block_group, path);
	twostage_cache_started(trans, block_group, began, ret);
	return ret;
}

int btrfs_wait_cache_io(struct btrfs_trans_handle *trans,
			struct btrfs_block_group *block_group,
			struct btrfs_path *path)
{
	struct twostage_cache_file file = twostage_cache_file(block_group);
	bool redirtied;
	u64 began;
	int ret;

	if (!file.inode)
		return stock_wait_cache_io(trans, block_group, path);

	/* The wait puts the inode, and may mark the block group clean. */
	redirtied = !list_empty_careful(&block_group->dirty_list);
	began = ktime_get_ns();
	ret = stock_wait_cache_io(trans, block_group, path);
	twostage_cache_waited(trans, block_group, &file, began, redirtied, ret);
	return ret;
}

int load_free_space_cache(struct btrfs_block_group *block_group)
{
	int ret = stock_load_free_space_cache(block_group);

	if (ret != 1)
		twostage_cache_not_loaded(block_group);
	return ret;
}

/**
 * twostage_read_cache_ahead - start to read a cache that btrfs is about to load
 * @block_group: the block group
 *
 * As load_free_space_cache() begins, which finds the pages in memory, or on their way.
 *
 * Context: may sleep, and reads the inode. No locks of trees may be held.
 *
 * Return: the size in bytes, 0 if there is no valid cache.
 */
u64 twostage_read_cache_ahead(struct btrfs_block_group *block_group)
{
	struct btrfs_path *path;
	struct inode *inode;
	u64 bytes = 0;

	/* Whoever loads it has begun. */
	if (READ_ONCE(block_group->cached) != BTRFS_CACHE_NO ||
	    READ_ONCE(block_group->disk_cache_state) != BTRFS_DC_WRITTEN)
		return 0;
	path = btrfs_alloc_path();
	if (!path)
		return 0;
	path->search_commit_root = 1;
	path->skip_locking = 1;
	inode = lookup_free_space_inode(block_group, path);
	btrfs_free_path(path);
	if (IS_ERR(inode))
		return 0;

	if (BTRFS_I(inode)->generation && is_possible_size(i_size_read(inode))) {
		bytes = i_size_read(inode);
		lockdep_set_class(&inode->i_data.invalidate_lock,
				  &btrfs_free_space_inode_key);
		readahead_cache(inode);
	}
	iput(inode);
	return bytes;
}
