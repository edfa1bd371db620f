/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Starting writeback of a limited number of a file's pages.
 *
 * The kernel exports filemap_flush_nr() (7fabcb7fbabb) only to a module named
 * btrfs. The limit matters: it keeps a task that is short of space from flushing
 * all delayed allocations.
 */
#ifndef TWOSTAGE_COMPAT_WRITEBACK_H
#define TWOSTAGE_COMPAT_WRITEBACK_H

#include <linux/backing-dev.h>
#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/writeback.h>

/**
 * twostage_filemap_flush_nr - start writeback of a file's dirty pages
 * @mapping: the file
 * @nr_to_write: at most this many pages; reduced by those written
 *
 * Calls the filesystem directly, because do_writepages() is not exported either.
 * All it adds is an estimate of the device's bandwidth, which the kernel's own
 * writeback keeps up to date.
 *
 * Context: may sleep.
 * Return: 0, or a negative errno with @nr_to_write unchanged.
 */
static inline int twostage_filemap_flush_nr(struct address_space *mapping,
					    long *nr_to_write)
{
	struct writeback_control wbc = {
		.sync_mode = WB_SYNC_NONE,
		.nr_to_write = *nr_to_write,
		.range_end = LLONG_MAX,
	};
	int ret;

	if (*nr_to_write <= 0 || !mapping_can_writeback(mapping) ||
	    !mapping_tagged(mapping, PAGECACHE_TAG_DIRTY))
		return 0;

	wbc_attach_fdatawrite_inode(&wbc, mapping->host);
	ret = mapping->a_ops->writepages(mapping, &wbc);
	wbc_detach_inode(&wbc);
	if (!ret)
		*nr_to_write = wbc.nr_to_write;
	return ret;
}

#endif /* TWOSTAGE_COMPAT_WRITEBACK_H */
