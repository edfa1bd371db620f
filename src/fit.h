/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many pages a cache file needs; see fit.c.
 */
#ifndef TWOSTAGE_FIT_H
#define TWOSTAGE_FIT_H

#include <linux/btrfs_tree.h>
#include <linux/mm.h>
#include <linux/types.h>

struct btrfs_block_group;
struct btrfs_trans_handle;

/* The first page has room for a checksum of each page, and a generation. */
#define TWOSTAGE_MOST_PAGES ((PAGE_SIZE - sizeof(u64)) / sizeof(u32))

/*
 * The distribution's reader asks the readahead for all pages but the last. Of one
 * page that is none, for which 7.3 shifts by 64 (roundup_pow_of_two(0), UBSAN).
 */
#define TWOSTAGE_LEAST_PAGES 2

/**
 * twostage_pages_for - the least pages that have room for a cache
 * @entries: its entries, those of bitmaps included; an entry is not divided
 *	between pages
 * @bitmaps: its bitmaps, a page each, after the entries
 * @most: never more pages than this
 *
 * Return: the number of pages, from TWOSTAGE_LEAST_PAGES.
 */
static inline u64 twostage_pages_for(u64 entries, u64 bitmaps, u64 most)
{
	const u64 size = sizeof(struct btrfs_free_space_entry);
	u64 pages = bitmaps ? bitmaps + 1 : TWOSTAGE_LEAST_PAGES;
	u64 room;

	for (; pages < most && pages < TWOSTAGE_MOST_PAGES; pages++) {
		room = (PAGE_SIZE - sizeof(u64) - pages * sizeof(u32)) / size +
		       (pages - bitmaps - 1) * (PAGE_SIZE / size);
		if (entries <= room)
			return pages;
	}
	return most;
}

u64 twostage_cache_file_size(struct btrfs_trans_handle *trans,
			     struct btrfs_block_group *block_group, bool fit);
bool twostage_outgrew_file(const struct btrfs_block_group *block_group,
			   int result);

#endif /* TWOSTAGE_FIT_H */
