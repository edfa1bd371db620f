/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Starting writeback of so many pages of a file and no more.
 *
 * The kernel's filemap_flush_nr() (7fabcb7fbabb) is exported to a module of the
 * name btrfs alone. The count matters: it is what keeps a task that is short
 * of space from flushing all delayed allocations that there are.
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
 * @nr_to_write: how many pages to write at most; less what was written, after
 *
 * Goes to the filesystem directly, because do_writepages() is not exported
 * either; what that adds is an estimate of the device's bandwidth, which the
 * kernel's own writeback keeps up.
 *
 * Context: may sleep.
 * Return: 0 or a negative errno, and then @nr_to_write is unchanged.
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
