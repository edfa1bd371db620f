/* SPDX-License-Identifier: GPL-2.0 */
/* btrfs_update_inode() used to take the root, which the inode knows. */
#ifndef TWOSTAGE_COMPAT_INODE_H
#define TWOSTAGE_COMPAT_INODE_H

#include "btrfs_inode.h"
#include "transaction.h"

#include "headers.h"

static inline int twostage_update_inode(struct btrfs_trans_handle *trans,
					struct inode *inode)
{
#if TWOSTAGE_HAS_UPDATE_INODE_ROOT
	return btrfs_update_inode(trans, BTRFS_I(inode)->root, BTRFS_I(inode));
#else
	return btrfs_update_inode(trans, BTRFS_I(inode));
#endif
}

#endif /* TWOSTAGE_COMPAT_INODE_H */
