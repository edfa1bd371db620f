// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of inode.c: a function of the kernel's that may not be ours to call; a mark
 * where a part of a cache file is on the device, before the tasks that wait for it
 * can see that; and a way to a function that only inode.c can call.
 */
#include "ctree.h"
#include "btrfs_inode.h"
#include "ordered-data.h"

#include "../compat/ordered.h"
#include "../compat/writeback.h"
#include "../counters.h"
#include "../pair.h"

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

/**
 * twostage_insert_extent - put an allocated extent into a file
 * @trans: the transaction
 * @inode: the file
 * @position: where in the file, in bytes
 * @item: the item; its generation is set here
 *
 * Context: as in pair.c.
 * Return: 0 or a negative errno, and then the transaction must be aborted.
 */
int twostage_insert_extent(struct btrfs_trans_handle *trans,
			   struct btrfs_inode *inode, u64 position,
			   struct btrfs_file_extent_item *item)
{
	return insert_reserved_file_extent(trans, inode, position, item, true, 0);
}
