// SPDX-License-Identifier: GPL-2.0
/*
 * Cache files as large as what they hold.
 *
 * The distribution gives a cache file 16 pages for every 256 MiB of its block
 * group, however little is to be written, and each commit allocates, fills, writes
 * and frees all of them. Its reader needs none of that: it takes the number of
 * pages from the file's size, and the numbers of entries and bitmaps from the item
 * that names the file. So where `fit` is on, the file of a block group of data has
 * room for twice what the cache holds when the file is set up, and the
 * distribution's size at most. Block groups of metadata change with every step of
 * the commit; theirs is always the distribution's.
 *
 * What a cache holds: an entry for each free extent and for each bitmap, those of
 * the allocator's clusters included; an entry for each range that is pinned by the
 * running transaction, or taken out of the free space for as long as it is
 * trimmed; and the bitmaps, a page each. The first page begins with a checksum for
 * each page, and a generation.
 *
 * More may be freed between set-up and writing than there is room for; see
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

/* As the distribution's cache_save_setup() has it. */
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

/* Not more than @enough: then the file has the distribution's size anyway. */
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
 * twostage_cache_file_size - the size of a cache file that is about to be allocated
 * @trans: the transaction
 * @block_group: the block group, whose free space is cached
 * @fit: by what it is to hold; else it is the distribution's
 *
 * Context: a pass of the transaction. Takes the block group's
 * cache_writeout_mutex and its tree_lock. May sleep.
 * Return: the size in bytes, at most the distribution's.
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
 * @result: what starting the cache has returned
 *
 * Return: true if there was no room for the cache in a file that is smaller than
 * the distribution's.
 */
bool twostage_outgrew_file(const struct btrfs_block_group *block_group,
			   int result)
{
	return result == -ENOSPC &&
	       block_group->io_ctl.num_pages < whole_pages(block_group);
}
