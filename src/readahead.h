/* SPDX-License-Identifier: GPL-2.0 */
/* Reading tree blocks before they are needed; see readahead.c. */
#ifndef TWOSTAGE_READAHEAD_H
#define TWOSTAGE_READAHEAD_H

struct btrfs_fs_info;
struct btrfs_root;
struct twostage_ahead;

struct twostage_ahead *twostage_read_ahead_roots(struct btrfs_fs_info *fs_info);
struct twostage_ahead *twostage_read_ahead_devices(struct btrfs_fs_info *fs_info);
struct twostage_ahead *twostage_read_ahead_block_groups(struct btrfs_fs_info *fs_info,
							struct btrfs_root *root);
void twostage_read_ahead_end(struct twostage_ahead *ahead);

#endif /* TWOSTAGE_READAHEAD_H */
