/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where setting up a cache file and updating an item may fail, under every
 * policy; see fault.h. Included by the seam of block-group.c.
 */
#include "delalloc-space.h"
#include "delayed-ref.h"
#include "disk-io.h"
#include "free-space-cache.h"
#include "transaction.h"

#include "../compat/headers.h"
#include "../fault.h"

#define TWOSTAGE_EMPTY_CACHE_FILE(...)					\
	TWOSTAGE_FAILING(setup_truncate,				\
			 btrfs_truncate_free_space_cache(__VA_ARGS__))
#define TWOSTAGE_RESERVE_FOR_CACHE(...)					\
	TWOSTAGE_FAILING(setup_reserve,					\
			 btrfs_check_data_free_space(__VA_ARGS__))
/* As the function itself does it: a failure gives back what was reserved. */
static inline int twostage_failed_allocation(struct inode *inode, u64 size)
{
	int ret = twostage_fault(TWOSTAGE_FAULT_setup_allocate);

	if (ret)
		btrfs_free_reserved_data_space(BTRFS_I(inode), NULL, 0, size);
	return ret;
}

#define TWOSTAGE_ALLOCATE_CACHE_FILE(inode, trans, mode, start, size, ...)	\
	(twostage_failed_allocation(inode, size) ?:				\
		btrfs_prealloc_file_range_trans(inode, trans, mode, start,	\
						size, __VA_ARGS__))
#define btrfs_run_delayed_refs(trans, ...)				\
	TWOSTAGE_FAILING_REFS(trans,					\
			      btrfs_run_delayed_refs(trans, __VA_ARGS__))
#define update_block_group_item(first, ...)				\
	TWOSTAGE_FAILING_STATIC(item, update_block_group_item, first,	\
				__VA_ARGS__)
