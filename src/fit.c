// SPDX-License-Identifier: GPL-2.0
/*
 * Cache files sized by their contents.
 *
 * Stock btrfs gives a cache file 16 pages for every 256 MiB of its block group,
 * however little there is to write, and every commit allocates, fills, writes and
 * frees all of them. Reading needs none of that: it takes the number of pages from
 * the file's size, and the numbers of entries and bitmaps from the item that names
 * the file. So with `fit`, the file of a data block group has room for twice what
 * the cache holds when the file is set up, up to the stock size. A metadata block
 * group changes with every step of the commit, and always gets the stock size.
 *
 * A cache holds an entry for each free extent and each bitmap, including those in
 * the allocator's clusters; an entry for each range that the running transaction
 * has pinned or that is being trimmed; and the bitmaps, a page each. The first
 * page begins with a checksum for each page, and a generation.
 *
 * Between set-up and writing, more may be freed than there is room for; see
 * twostage_outgrew_file().
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include "ctree.h"
#include "block-group.h"
#include "free-space-cache.h"
#include "transaction.h"

#include "compat/pinned.h"
#include "fit.h"

/* As in cache_save_setup(). */
static u64 whole_pages(const struct btrfs_block_group *block_group)
{
	return max(div_u64(block_group->length, SZ_256M), 1ULL) * 16;
}

static u64 count_list(const struct list_head *list)
{
	struct list_head *position;
	u64 count = 0;

	list_for_each(position, list)
		count++;
	return count;
}

/* Stops at @enough, with which the file gets the stock size anyway. */
static u64 count_pinned(struct btrfs_trans_handle *trans,
			const struct btrfs_block_group *block_group, u64 enough)
{
	u64 end = block_group->start + block_group->length;
	u64 position = block_group->start;
	u64 range_start, range_end;
	u64 count = 0;

	while (count < enough &&
	       twostage_next_pinned(trans->transaction, position, &range_start,
				    &range_end) &&
	       range_start < end) {
		count++;
		position = range_end + 1;
		if (position >= end)
			break;
	}
	return count;
}

static u64 fitting_pages(struct btrfs_trans_handle *trans,
			 struct btrfs_block_group *block_group, u64 most)
{
	struct btrfs_free_space_ctl *ctl = block_group->free_space_ctl;
	u64 entries, bitmaps;

	mutex_lock(&ctl->cache_writeout_mutex);
	spin_lock(&ctl->tree_lock);
	entries = ctl->free_extents + count_list(&ctl->trimming_ranges);
	bitmaps = ctl->total_bitmaps;
	spin_unlock(&ctl->tree_lock);
	mutex_unlock(&ctl->cache_writeout_mutex);
	entries += count_pinned(trans, block_group,
				most * PAGE_SIZE / sizeof(struct btrfs_free_space_entry));
	return twostage_pages_for(2 * entries, 2 * bitmaps, most);
}

/**
 * twostage_cache_file_size - size for a new cache file
 * @trans: the transaction
 * @block_group: the block group, whose free space is known
 * @fit: size it by its contents; otherwise it gets the stock size
 *
 * Context: a pass of the transaction. Takes the block group's
 * cache_writeout_mutex and tree_lock. May sleep.
 * Return: bytes, at most the stock size.
 */
u64 twostage_cache_file_size(struct btrfs_trans_handle *trans,
			     struct btrfs_block_group *block_group, bool fit)
{
	u64 type = block_group->flags & BTRFS_BLOCK_GROUP_TYPE_MASK;
	u64 pages = whole_pages(block_group);

	if (fit && type == BTRFS_BLOCK_GROUP_DATA)
		pages = fitting_pages(trans, block_group, pages);
	return pages * trans->fs_info->sectorsize;
}

/**
 * twostage_outgrew_file - whether a cache needs a larger file
 * @block_group: its block group
 * @result: the result of starting the cache
 *
 * Return: true if the cache did not fit into a file smaller than the stock size.
 */
bool twostage_outgrew_file(const struct btrfs_block_group *block_group,
			   int result)
{
	return result == -ENOSPC &&
	       block_group->io_ctl.num_pages < whole_pages(block_group);
}
