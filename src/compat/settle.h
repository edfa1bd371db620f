/* SPDX-License-Identifier: GPL-2.0 */
/* What it takes to put a clean block group on the dirty list. */
#ifndef TWOSTAGE_COMPAT_SETTLE_H
#define TWOSTAGE_COMPAT_SETTLE_H

#include "headers.h"
#include "delayed-ref.h"
#include "transaction.h"

#include "twostage_compat.h"

/* The reservation that twostage_release_reservation() gives back. */
static inline void twostage_reserve_for_item(struct btrfs_trans_handle *trans)
{
#if TWOSTAGE_HAS_BG_UPDATES_RSV
	btrfs_inc_delayed_refs_rsv_bg_updates(trans->fs_info);
#else
	trans->delayed_ref_updates++;
	btrfs_update_delayed_refs_rsv(trans);
#endif
}

/* The last transaction that is on disk. */
static inline u64 twostage_last_trans_committed(struct btrfs_fs_info *fs_info)
{
#if TWOSTAGE_HAS_SET_LAST_TRANS_COMMITTED
	return btrfs_get_last_trans_committed(fs_info);
#else
	return READ_ONCE(fs_info->last_trans_committed);
#endif
}

#endif /* TWOSTAGE_COMPAT_SETTLE_H */
