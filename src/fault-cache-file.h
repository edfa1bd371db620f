/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults in setting up a cache file, by us or by stock btrfs; see fault.h. Included
 * by cache-file.c and by the seam of block-group.c.
 */
#ifndef TWOSTAGE_FAULT_CACHE_FILE_H
#define TWOSTAGE_FAULT_CACHE_FILE_H

#include "btrfs_inode.h"
#include "delalloc-space.h"
#include "free-space-cache.h"

#include "compat/headers.h"
#include "fault.h"

/* A failure gives back the reserved space, as in the function itself. */
static inline int twostage_failed_allocation(struct inode *inode, u64 size)
{
	int ret = twostage_fault(TWOSTAGE_FAULT_setup_allocate);

	if (ret)
		btrfs_free_reserved_data_space(BTRFS_I(inode), NULL, 0, size);
	return ret;
}

/* In the seam also where a block group is removed. */
#define lookup_free_space_inode(...)					\
	(ERR_PTR(twostage_fault(TWOSTAGE_FAULT_setup_find)) ?:		\
	 lookup_free_space_inode(__VA_ARGS__))
/* By us alone. */
#define twostage_update_inode(...)					\
	TWOSTAGE_FAILING(setup_invalidate, twostage_update_inode(__VA_ARGS__))
#define btrfs_truncate_free_space_cache(...)				\
	TWOSTAGE_FAILING(setup_truncate,				\
			 btrfs_truncate_free_space_cache(__VA_ARGS__))
#define btrfs_check_data_free_space(...)				\
	TWOSTAGE_FAILING(setup_reserve,					\
			 btrfs_check_data_free_space(__VA_ARGS__))
#define btrfs_prealloc_file_range_trans(inode, trans, mode, start, size, ...) \
	(twostage_failed_allocation(inode, size) ?:			\
	 btrfs_prealloc_file_range_trans(inode, trans, mode, start, size, \
					 __VA_ARGS__))

#endif /* TWOSTAGE_FAULT_CACHE_FILE_H */
