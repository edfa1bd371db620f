/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels, under one name each.
 *
 * Each function names what it stands for; the engine and the seams use these
 * names and nothing below them. Nothing here asks for a version: TWOSTAGE_HAS_…
 * is what the probes found in the source that is being built.
 */
#ifndef TWOSTAGE_COMPAT_H
#define TWOSTAGE_COMPAT_H

#include "headers.h"
#include "delayed-ref.h"

#include "twostage_compat.h"

/* The delayed refs that have gathered so far; more may come meanwhile. */
static inline int twostage_run_some_delayed_refs(struct btrfs_trans_handle *trans)
{
	return btrfs_run_delayed_refs(trans, 0);
}

/*
 * All delayed refs, those that come meanwhile included. The argument was a
 * number of refs and is one of bytes now (8a526c44daee), of another type; the
 * largest of either type means all.
 */
static inline int twostage_run_all_delayed_refs(struct btrfs_trans_handle *trans)
{
	return btrfs_run_delayed_refs(trans, -1);
}

/* The reservation that was made when a block group was put on the dirty list. */
static inline void twostage_release_reservation(struct btrfs_fs_info *fs_info)
{
#if TWOSTAGE_HAS_BG_UPDATES_RSV
	btrfs_dec_delayed_refs_rsv_bg_updates(fs_info);
#else
	btrfs_delayed_refs_rsv_release(fs_info, 1);
#endif
}

#endif /* TWOSTAGE_COMPAT_H */
