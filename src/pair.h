/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cache files with two extents that take turns; see pair.c.
 */
#ifndef TWOSTAGE_PAIR_H
#define TWOSTAGE_PAIR_H

#include <linux/types.h>

struct btrfs_file_extent_item;
struct btrfs_inode;
struct btrfs_path;
struct btrfs_trans_handle;
struct inode;

bool twostage_swap_extents(struct btrfs_trans_handle *trans, struct inode *inode,
			   struct btrfs_path *path);
int twostage_add_second_extent(struct btrfs_trans_handle *trans,
			       struct inode *inode, u64 hint);

/* In the seam of inode.c. */
int twostage_insert_extent(struct btrfs_trans_handle *trans,
			   struct btrfs_inode *inode, u64 position,
			   struct btrfs_file_extent_item *item);

#endif /* TWOSTAGE_PAIR_H */
