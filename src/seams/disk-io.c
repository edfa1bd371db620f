// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of disk-io.c: counts the caches in flight that an aborted transaction
 * discards, and writes the caches that were put off before the last commit is over. At
 * mount, roots and the device tree are read ahead.
 */
#include "ctree.h"
#include "block-group.h"
#include "disk-io.h"
#include "volumes.h"

#include "seam.h"

int stock_commit_super(struct btrfs_fs_info *fs_info);
static void stock_cleanup_bg_io(struct btrfs_block_group *block_group);
static void twostage_cleanup_bg_io(struct btrfs_block_group *block_group);
static int stock_read_roots(struct btrfs_fs_info *fs_info);
static int twostage_read_roots(struct btrfs_fs_info *fs_info);
static int twostage_verify_dev_extents(struct btrfs_fs_info *fs_info);

#define btrfs_cleanup_bg_io(first)					\
	TWOSTAGE_SET_ASIDE(first, stock_cleanup_bg_io,			\
			   twostage_cleanup_bg_io)(first)
#define btrfs_commit_super(first)					\
	TWOSTAGE_SET_ASIDE(first, stock_commit_super, btrfs_commit_super)(first)
#define btrfs_read_roots(first)						\
	TWOSTAGE_SET_ASIDE(first, stock_read_roots, twostage_read_roots)(first)
#define btrfs_verify_dev_extents twostage_verify_dev_extents
#include <fs/btrfs/disk-io.c>
#undef btrfs_cleanup_bg_io
#undef btrfs_commit_super
#undef btrfs_read_roots
#undef btrfs_verify_dev_extents

#include "../counters.h"
#include "../readahead.h"
#include "../settle.h"

static void twostage_cleanup_bg_io(struct btrfs_block_group *block_group)
{
	struct twostage_cache_file file = twostage_cache_file(block_group);

	/* The cleanup puts the block group, so count first. */
	if (file.inode)
		twostage_cache_discarded(block_group, &file);
	stock_cleanup_bg_io(block_group);
}

/* Before unmount, and before a remount as read-only. */
int btrfs_commit_super(struct btrfs_fs_info *fs_info)
{
	return twostage_settle_all(fs_info, stock_commit_super);
}

static int twostage_read_roots(struct btrfs_fs_info *fs_info)
{
	struct twostage_ahead *ahead = twostage_read_ahead_roots(fs_info);
	int ret = stock_read_roots(fs_info);

	twostage_read_ahead_end(ahead);
	return ret;
}

static int twostage_verify_dev_extents(struct btrfs_fs_info *fs_info)
{
	struct twostage_ahead *ahead = twostage_read_ahead_devices(fs_info);
	int ret = btrfs_verify_dev_extents(fs_info);

	twostage_read_ahead_end(ahead);
	return ret;
}
