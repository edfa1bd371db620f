/* SPDX-License-Identifier: GPL-2.0 */
/* Reading tree blocks before they are needed; see readahead.c. */
#ifndef TWOSTAGE_READAHEAD_H
#define TWOSTAGE_READAHEAD_H

struct btrfs_fs_info;
struct btrfs_root;

void twostage_read_ahead_roots(struct btrfs_fs_info *fs_info);
void twostage_read_ahead_devices(struct btrfs_fs_info *fs_info);
void twostage_read_ahead_block_groups(struct btrfs_fs_info *fs_info,
				      struct btrfs_root *root);

#endif /* TWOSTAGE_READAHEAD_H */
