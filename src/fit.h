/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The size of a cache file; see fit.c.
 */
#ifndef TWOSTAGE_FIT_H
#define TWOSTAGE_FIT_H

#include <linux/btrfs_tree.h>
#include <linux/mm.h>
#include <linux/types.h>

struct btrfs_block_group;
struct btrfs_trans_handle;

/* The first page holds a checksum for each page, and a generation. */
#define TWOSTAGE_MOST_PAGES ((PAGE_SIZE - sizeof(u64)) / sizeof(u32))

/*
 * btrfs reads ahead all pages but the last. With a single page that is none, and
 * 7.3 then shifts by 64 (roundup_pow_of_two(0), UBSAN).
 */
#define TWOSTAGE_LEAST_PAGES 2

/**
 * twostage_pages_for - number of pages that a cache needs
 * @entries: its entries, bitmaps' included; none crosses a page
 * @bitmaps: its bitmaps, a page each, after the entries
 * @most: upper limit
 *
 * Return: TWOSTAGE_LEAST_PAGES to @most.
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
