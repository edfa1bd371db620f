/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which caches are not worth writing yet; settle.c explains.
 */
#ifndef TWOSTAGE_SETTLE_H
#define TWOSTAGE_SETTLE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "pass.h"

struct btrfs_block_group;
struct btrfs_fs_info;
struct btrfs_trans_handle;
struct twostage_mount;

/**
 * struct twostage_settle - the unsettled block groups of a mount
 * @lock: protects @groups and @list
 * @groups: struct unsettled by logical address
 * @list: the same, the longest quiet first
 * @num: how many there are
 * @last: the last policy that put caches off
 * @num_before: how many there were when the last commit that writes all of them began
 * @all: the running commit writes every cache
 * @unmounting: so do all from now on
 * @begun: the last transaction in which a quiet block group was written
 */
struct twostage_settle {
	struct mutex lock;	/* groups, list */
	struct rb_root groups;
	struct list_head list;
	atomic_t num;
	struct twostage_policy last;
	int num_before;
	bool all;
	bool unmounting;
	u64 begun;
};

void twostage_settle_init(struct twostage_settle *settle);
void twostage_settle_free(struct twostage_settle *settle);
void twostage_settle_join(struct twostage_mount *mount);
bool twostage_puts_off(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
		       struct btrfs_block_group *block_group);
void twostage_settle_quiet(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
			   enum twostage_pass_kind kind);
void twostage_settled(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
		      const struct btrfs_block_group *block_group);
void twostage_cache_not_loaded(struct btrfs_block_group *block_group);
int twostage_settle_all(struct btrfs_fs_info *fs_info,
			int (*commit_super)(struct btrfs_fs_info *fs_info));

#endif /* TWOSTAGE_SETTLE_H */
