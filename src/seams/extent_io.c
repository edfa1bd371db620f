// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of extent_io.c: counts the blocks that were read ahead and are found by btrfs.
 */
#include "ctree.h"
#include "extent_io.h"

#include "seam.h"

struct extent_buffer *stock_find_extent_buffer(struct btrfs_fs_info *fs_info, u64 start);

#define find_extent_buffer(first, ...)					\
	TWOSTAGE_SET_ASIDE(first, stock_find_extent_buffer,		\
			   find_extent_buffer)(first, __VA_ARGS__)
#include <fs/btrfs/extent_io.c>
#undef find_extent_buffer

#include "../counters.h"
#include "../mount.h"
#include "../readahead.h"

struct extent_buffer *find_extent_buffer(struct btrfs_fs_info *fs_info, u64 start)
{
	struct extent_buffer *block = stock_find_extent_buffer(fs_info, start);

	if (block && test_bit(TWOSTAGE_BLOCK_AHEAD, &block->bflags) &&
	    test_and_clear_bit(TWOSTAGE_BLOCK_AHEAD, &block->bflags))
		twostage_block_used(twostage_mount_find(fs_info));
	return block;
}
