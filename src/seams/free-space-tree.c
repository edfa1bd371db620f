// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of free-space-tree.c: reads the extent tree ahead when a free space tree is made
 * from it.
 */
#include "ctree.h"
#include "block-group.h"

#include "seam.h"

static int stock_populate_free_space_tree(struct btrfs_trans_handle *trans,
					  struct btrfs_block_group *block_group);
static int twostage_populate_free_space_tree(struct btrfs_trans_handle *trans,
					     struct btrfs_block_group *block_group);

#define populate_free_space_tree(first, ...)				\
	TWOSTAGE_SET_ASIDE(first, stock_populate_free_space_tree,	\
			   twostage_populate_free_space_tree)(first, __VA_ARGS__)
#include <fs/btrfs/free-space-tree.c>
#undef populate_free_space_tree

#include "../readahead.h"

static int twostage_populate_free_space_tree(struct btrfs_trans_handle *trans,
					     struct btrfs_block_group *block_group)
{
	struct twostage_ahead *ahead;
	int ret;

	down_read(&trans->fs_info->commit_root_sem);
	ahead = twostage_read_ahead_extents(block_group, true);
	up_read(&trans->fs_info->commit_root_sem);
	ret = stock_populate_free_space_tree(trans, block_group);
	twostage_read_ahead_end(ahead);
	return ret;
}
