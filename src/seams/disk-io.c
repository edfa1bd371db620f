// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of disk-io.c: counts the caches in flight that an aborted transaction
 * discards, and writes the caches that were put off before the last commit is over.
 */
#include "ctree.h"
#include "block-group.h"
#include "disk-io.h"

#include "seam.h"

int stock_commit_super(struct btrfs_fs_info *fs_info);
static void stock_cleanup_bg_io(struct btrfs_block_group *block_group);
static void twostage_cleanup_bg_io(struct btrfs_block_group *block_group);

#define btrfs_cleanup_bg_io(first)					\
	TWOSTAGE_SET_ASIDE(first, stock_cleanup_bg_io,			\
			   twostage_cleanup_bg_io)(first)
#define btrfs_commit_super(first)					\
	TWOSTAGE_SET_ASIDE(first, stock_commit_super, btrfs_commit_super)(first)
#include <fs/btrfs/disk-io.c>
#undef btrfs_cleanup_bg_io
#undef btrfs_commit_super

#include "../counters.h"
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
