// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of free-space-cache.c: counts each cache that is started or waited for,
 * whoever does it, under every policy.
 */
#include "ctree.h"
#include "block-group.h"
#include "free-space-cache.h"

#include "seam.h"

int distribution_write_out_cache(struct btrfs_trans_handle *trans,
				 struct btrfs_block_group *block_group,
				 struct btrfs_path *path);
int distribution_wait_cache_io(struct btrfs_trans_handle *trans,
			       struct btrfs_block_group *block_group,
			       struct btrfs_path *path);

#define btrfs_write_out_cache(first, ...)				\
	TWOSTAGE_SET_ASIDE(first, distribution_write_out_cache,		\
			   btrfs_write_out_cache)(first, __VA_ARGS__)
#define btrfs_wait_cache_io(first, ...)					\
	TWOSTAGE_SET_ASIDE(first, distribution_wait_cache_io,		\
			   btrfs_wait_cache_io)(first, __VA_ARGS__)
#ifdef TWOSTAGE_FAULTS
#include "fault-free-space-cache.h"
#endif
#include <fs/btrfs/free-space-cache.c>
#undef btrfs_write_out_cache
#undef btrfs_wait_cache_io

#include "../counters.h"

int btrfs_write_out_cache(struct btrfs_trans_handle *trans,
			  struct btrfs_block_group *block_group,
			  struct btrfs_path *path)
{
	u64 began = ktime_get_ns();
	int ret;

	ret = distribution_write_out_cache(trans, block_group, path);
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
		return distribution_wait_cache_io(trans, block_group, path);

	/* Waiting puts the inode, and may leave the block group clean. */
	redirtied = !list_empty_careful(&block_group->dirty_list);
	began = ktime_get_ns();
	ret = distribution_wait_cache_io(trans, block_group, path);
	twostage_cache_waited(trans, block_group, &file, began, redirtied, ret);
	return ret;
}
