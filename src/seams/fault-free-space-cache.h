/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults in starting a cache and in waiting for it, under every policy; see
 * fault.h. Included by the seam of free-space-cache.c.
 */
#include "btrfs_inode.h"
#include "transaction.h"

#include "../fault.h"

/* A call with `false` writes a cache and may fail, one with `true` reads one. */
#define TWOSTAGE_PAGES_false						\
	TWOSTAGE_IS(twostage_fault(TWOSTAGE_FAULT_prepare) ?:)
#define TWOSTAGE_PAGES_true	TWOSTAGE_IS(TWOSTAGE_NOTHING)
#define TWOSTAGE_PAGES_bool	TWOSTAGE_PAGES_true
#define io_ctl_prepare_pages(first, second)				\
	TWOSTAGE_BY(TWOSTAGE_PAGES_##second)				\
		io_ctl_prepare_pages(first, second)
#define write_cache_extent_entries(first, ...)				\
	TWOSTAGE_FAILING_STATIC(entries, write_cache_extent_entries, first, \
				__VA_ARGS__)

/*
 * Pages left dirty would be written later, and the workers that complete them rely
 * on a running transaction.
 */
static inline int twostage_drop_pages(struct inode *inode, int ret)
{
	truncate_inode_pages(inode->i_mapping, 0);
	return ret;
}

/* The callers of the functions below have the cache file as `inode`. */
#define TWOSTAGE_FAILING_SUBMIT(call)					\
({									\
	int failed_submit = twostage_fault(TWOSTAGE_FAULT_submit);	\
									\
	failed_submit ? twostage_drop_pages(inode, failed_submit) :	\
	twostage_fault(TWOSTAGE_FAULT_unwritten) ? 0 : (call);		\
})
#define btrfs_fdatawrite_range(first, ...)				\
	TWOSTAGE_CHOOSE(TWOSTAGE_IS_DEFINITION(first))			\
		(btrfs_fdatawrite_range(first, __VA_ARGS__),		\
		 TWOSTAGE_FAILING_SUBMIT(btrfs_fdatawrite_range(first, __VA_ARGS__)))

/* Wait all the same, or workers would complete it after the transaction. */
static inline int twostage_failed_wait(int ret)
{
	return twostage_fault(TWOSTAGE_FAULT_wait) ?: ret;
}

#define flush_dirty_cache(first)					\
	TWOSTAGE_CHOOSE(TWOSTAGE_IS_DEFINITION(first))			\
		(flush_dirty_cache(first),				\
		 twostage_fault(TWOSTAGE_FAULT_unwritten) ?		\
			twostage_drop_pages(first, 0) :			\
			twostage_failed_wait(flush_dirty_cache(first)))

#define update_cache_item(first, ...)					\
	TWOSTAGE_FAILING_STATIC(cache_item, update_cache_item, first,	\
				__VA_ARGS__)
