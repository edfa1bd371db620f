/* SPDX-License-Identifier: GPL-2.0 */
/* Reading tree blocks before they are needed; see readahead.c. */
#ifndef TWOSTAGE_READAHEAD_H
#define TWOSTAGE_READAHEAD_H

#include <linux/types.h>

struct btrfs_block_group;
struct btrfs_fs_info;
struct btrfs_root;
struct btrfs_trans_handle;
struct extent_buffer;
struct twostage_mount;
struct twostage_ahead;

/* In ->bflags of a block that was read ahead and not used yet, far above those of btrfs. */
#define TWOSTAGE_BLOCK_AHEAD	30

struct twostage_ahead *twostage_read_ahead_roots(struct btrfs_fs_info *fs_info);
struct twostage_ahead *twostage_read_ahead_devices(struct btrfs_fs_info *fs_info);
struct twostage_ahead *twostage_read_ahead_block_groups(struct btrfs_fs_info *fs_info,
							struct btrfs_root *root);
struct twostage_ahead *twostage_read_ahead_dirty(struct btrfs_trans_handle *trans,
						 struct twostage_mount *mount,
						 struct btrfs_root *root, unsigned int dirty);
struct twostage_ahead *twostage_read_ahead_extents(struct btrfs_block_group *block_group,
						   bool and_on);
int twostage_run_delayed_refs(struct btrfs_trans_handle *trans);
void twostage_read_ahead_end(struct twostage_ahead *ahead);

/* In the seams, with what only btrfs' own files can see. */
u64 twostage_read_cache_ahead(struct btrfs_block_group *block_group);
struct extent_buffer *stock_find_extent_buffer(struct btrfs_fs_info *fs_info, u64 start);

#endif /* TWOSTAGE_READAHEAD_H */
