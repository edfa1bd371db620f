/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Setting up cache files; see cache-file.c.
 */
#ifndef TWOSTAGE_CACHE_FILE_H
#define TWOSTAGE_CACHE_FILE_H

#include <linux/types.h>

struct btrfs_block_group;
struct btrfs_path;
struct btrfs_trans_handle;
struct twostage_mount;

/* The free space of a smaller block group is looked up in the extent tree. */
#define TWOSTAGE_LEAST_LENGTH (100 * SZ_1M)

void twostage_set_up_cache(struct btrfs_trans_handle *trans,
			   struct twostage_mount *mount,
			   struct btrfs_block_group *block_group,
			   struct btrfs_path *path);
void twostage_set_up_larger_cache(struct btrfs_trans_handle *trans,
				  struct twostage_mount *mount,
				  struct btrfs_block_group *block_group,
				  struct btrfs_path *path);
int twostage_may_empty(struct btrfs_trans_handle *trans);
bool twostage_cache_is_complete(const struct btrfs_block_group *block_group);

#endif /* TWOSTAGE_CACHE_FILE_H */
