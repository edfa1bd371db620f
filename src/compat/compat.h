/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels, under one name each.
 *
 * The engine and the seams use only these names. Nothing here tests a version:
 * TWOSTAGE_HAS_… is what the probes found in the source being built.
 */
#ifndef TWOSTAGE_COMPAT_H
#define TWOSTAGE_COMPAT_H

#include <linux/compiler.h>

#include "headers.h"
#include "block-group.h"
#include "delayed-inode.h"
#include "delayed-ref.h"

#include "twostage_compat.h"

/* The delayed items of the inodes that have some so far; more may come meanwhile. */
static inline int twostage_run_some_delayed_items(struct btrfs_trans_handle *trans)
{
#if TWOSTAGE_HAS_DELAYED_ROOT_POINTER
	int inodes = READ_ONCE(trans->fs_info->delayed_root->nodes);
#else
	int inodes = READ_ONCE(trans->fs_info->delayed_root.nodes);
#endif

	/* To btrfs, 0 means all. */
	return inodes ? btrfs_run_delayed_items_nr(trans, inodes) : 0;
}

/* The delayed refs queued so far; more may come meanwhile. */
static inline int twostage_run_some_delayed_refs(struct btrfs_trans_handle *trans)
{
	return btrfs_run_delayed_refs(trans, 0);
}

/*
 * All delayed refs, including those that come meanwhile. The argument used to be a
 * number of refs and is now in bytes (8a526c44daee), of another type; the largest
 * value of either means all.
 */
static inline int twostage_run_all_delayed_refs(struct btrfs_trans_handle *trans)
{
	return btrfs_run_delayed_refs(trans, -1);
}

/* The reservation made when a block group was put on the dirty list. */
static inline void twostage_release_reservation(struct btrfs_fs_info *fs_info)
{
#if TWOSTAGE_HAS_BG_UPDATES_RSV
	btrfs_dec_delayed_refs_rsv_bg_updates(fs_info);
#else
	btrfs_delayed_refs_rsv_release(fs_info, 1);
#endif
}

/*
 * Newer kernels skip the update of a block group's item if ->used is what they last
 * wrote, or tried to write.
 */
#if TWOSTAGE_HAS_LAST_USED
#define twostage_last_used(block_group) ((block_group)->last_used)
#elif TWOSTAGE_HAS_COMMIT_USED
#define twostage_last_used(block_group) ((block_group)->commit_used)
#endif

/* Whether its item may not be inserted yet, and an update be skipped for that. */
static inline bool twostage_may_lack_item(struct btrfs_block_group *block_group)
{
#ifdef twostage_last_used
	return test_bit(BLOCK_GROUP_FLAG_NEW, &block_group->runtime_flags);
#else
	return false;
#endif
}

/* Have the next update written: no block group has so many bytes used. */
static inline void twostage_forget_item(struct btrfs_block_group *block_group)
{
#ifdef twostage_last_used
	spin_lock(&block_group->lock);
	twostage_last_used(block_group) = U64_MAX;
	spin_unlock(&block_group->lock);
#endif
}

#endif /* TWOSTAGE_COMPAT_H */
