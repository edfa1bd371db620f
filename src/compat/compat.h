/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels, under one name each.
 *
 * The only place that may know about versions. Each function names what it
 * stands for; the engine and the seams use these names and nothing below them.
 */
#ifndef TWOSTAGE_COMPAT_H
#define TWOSTAGE_COMPAT_H

#include "ctree.h"
#include "delayed-ref.h"

/* The delayed refs that have gathered so far; more may come meanwhile. */
static inline int twostage_run_some_delayed_refs(struct btrfs_trans_handle *trans)
{
	return btrfs_run_delayed_refs(trans, 0);
}

/* All delayed refs, those that come meanwhile included. */
static inline int twostage_run_all_delayed_refs(struct btrfs_trans_handle *trans)
{
	return btrfs_run_delayed_refs(trans, (unsigned long)-1);
}

/* The reservation that was made when a block group was put on the dirty list. */
static inline void twostage_release_reservation(struct btrfs_fs_info *fs_info)
{
	btrfs_delayed_refs_rsv_release(fs_info, 1);
}

#endif /* TWOSTAGE_COMPAT_H */
