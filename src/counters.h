/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where counting happens: on the primitives that start, wait for and discard
 * a cache, and around the passes and the critical section.
 *
 * The seams call these; the engine does not know of them.
 */
#ifndef TWOSTAGE_COUNTERS_OF_MODULE_H
#define TWOSTAGE_COUNTERS_OF_MODULE_H

#include "mount.h"

struct btrfs_inode;
struct btrfs_ordered_extent;

/**
 * struct twostage_cache_file - what is told of a cache file
 * @inode: its number, 0 where there is none
 * @bytes: its size
 */
struct twostage_cache_file {
	u64 inode;
	u64 bytes;
};

struct twostage_cache_file
twostage_cache_file(const struct btrfs_block_group *block_group);

void twostage_pass_begin(struct twostage_mount *mount,
			 struct twostage_pass *pass, u32 dirty);
void twostage_pass_end(struct twostage_mount *mount,
		       struct twostage_pass *pass, int result);

void twostage_commit_enter(struct btrfs_fs_info *fs_info,
			   struct twostage_committer *committer);
void twostage_commit_leave(struct twostage_committer *committer, int result);
void twostage_commit_join(struct twostage_mount *mount, u64 transid);
void twostage_critical_begin(struct btrfs_fs_info *fs_info);
void twostage_critical_end(struct btrfs_fs_info *fs_info, u64 transid);

void twostage_cache_set_up(struct btrfs_block_group *block_group);
void twostage_cache_outgrown(struct twostage_mount *mount);
void twostage_cache_started(struct btrfs_trans_handle *trans,
			    struct btrfs_block_group *block_group,
			    u64 began, int result);
void twostage_cache_waited(struct btrfs_trans_handle *trans,
			   struct btrfs_block_group *block_group,
			   const struct twostage_cache_file *file, u64 began,
			   bool redirtied, int result);
void twostage_cache_discarded(struct btrfs_block_group *block_group,
			      const struct twostage_cache_file *file);
void twostage_extent_completed(struct btrfs_inode *inode,
			       const struct btrfs_ordered_extent *extent);

#endif /* TWOSTAGE_COUNTERS_OF_MODULE_H */
