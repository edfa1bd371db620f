/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The entry points of the engine, and what it needs from block-group.c.
 */
#ifndef TWOSTAGE_WRITEOUT_H
#define TWOSTAGE_WRITEOUT_H

struct btrfs_block_group;
struct btrfs_path;
struct btrfs_trans_handle;
struct twostage_mount;

int twostage_run_delayed_work(struct btrfs_trans_handle *trans);
int twostage_write_early(struct btrfs_trans_handle *trans,
			 struct twostage_mount *mount);
int twostage_set_up_caches(struct btrfs_trans_handle *trans,
			   struct twostage_mount *mount);
int twostage_write_commit(struct btrfs_trans_handle *trans,
			  struct twostage_mount *mount);

/* Static in block-group.c; its seam exposes it. */
int twostage_update_item(struct btrfs_trans_handle *trans,
			 struct btrfs_path *path,
			 struct btrfs_block_group *block_group);

#endif /* TWOSTAGE_WRITEOUT_H */
