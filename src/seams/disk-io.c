// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of disk-io.c: counts the caches in flight that an aborted transaction
 * discards.
 */
#include "ctree.h"
#include "block-group.h"

#include "seam.h"

static void stock_cleanup_bg_io(struct btrfs_block_group *block_group);
static void twostage_cleanup_bg_io(struct btrfs_block_group *block_group);

#define btrfs_cleanup_bg_io(first)					\
	TWOSTAGE_SET_ASIDE(first, stock_cleanup_bg_io,			\
			   twostage_cleanup_bg_io)(first)
#include <fs/btrfs/disk-io.c>
#undef btrfs_cleanup_bg_io

#include "../counters.h"

static void twostage_cleanup_bg_io(struct btrfs_block_group *block_group)
{
	struct twostage_cache_file file = twostage_cache_file(block_group);

	/* The cleanup puts the block group, so count first. */
	if (file.inode)
		twostage_cache_discarded(block_group, &file);
	stock_cleanup_bg_io(block_group);
}
