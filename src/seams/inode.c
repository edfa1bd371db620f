// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of inode.c: replaces a kernel function that we may not be allowed to call,
 * and traces when a part of a cache file is on disk, before the tasks that wait
 * for it see that.
 */
#include "ctree.h"
#include "btrfs_inode.h"
#include "ordered-data.h"

#include "../compat/ordered.h"
#include "../compat/writeback.h"
#include "../counters.h"

#define filemap_flush_nr twostage_filemap_flush_nr
#define btrfs_remove_ordered_extent(...)				\
	do {								\
		twostage_extent_completed(				\
			twostage_removed_from(__VA_ARGS__),		\
			twostage_removed_extent(__VA_ARGS__));		\
		btrfs_remove_ordered_extent(__VA_ARGS__);		\
	} while (0)
#include <fs/btrfs/inode.c>
#undef btrfs_remove_ordered_extent
