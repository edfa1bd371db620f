/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ranges that a transaction has freed and still pins. The function that finds
 * them returned 0 for success, then a bool, and then got a prefix.
 */
#ifndef TWOSTAGE_COMPAT_PINNED_H
#define TWOSTAGE_COMPAT_PINNED_H

#include "ctree.h"
#include "extent-io-tree.h"
#include "transaction.h"

#include "twostage_compat.h"

/*
 * Finds the first pinned range, @start to @end inclusive, that does not end before
 * @position. Returns false if there is none.
 */
static inline bool twostage_next_pinned(struct btrfs_transaction *transaction,
					u64 position, u64 *start, u64 *end)
{
	struct extent_io_tree *pinned = &transaction->pinned_extents;

#if TWOSTAGE_HAS_BTRFS_FIND_EXTENT_BIT
	return btrfs_find_first_extent_bit(pinned, position, start, end,
					   EXTENT_DIRTY, NULL);
#elif TWOSTAGE_HAS_BOOL_FIND_EXTENT_BIT
	return find_first_extent_bit(pinned, position, start, end, EXTENT_DIRTY,
				     NULL);
#else
	return !find_first_extent_bit(pinned, position, start, end,
				      EXTENT_DIRTY, NULL);
#endif
}

#endif /* TWOSTAGE_COMPAT_PINNED_H */
