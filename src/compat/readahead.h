/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What reading ahead needs: the chunk map, reading a root ahead, waiting for a read, which
 * extents are looked at, and delayed refs.
 */
#ifndef TWOSTAGE_COMPAT_READAHEAD_H
#define TWOSTAGE_COMPAT_READAHEAD_H

#include <linux/pagemap.h>
#include <linux/rbtree.h>
#include <linux/wait_bit.h>

#include "ctree.h"
#include "delayed-ref.h"
#include "extent_io.h"
#include "volumes.h"

#include "twostage_compat.h"

#if !TWOSTAGE_HAS_CTREE_EXTENT
#include "extent-tree.h"
#endif
#if !TWOSTAGE_HAS_CTREE_ROOT
#include "root-tree.h"
#endif

/*
 * The chunk map, an extent map until it got a structure of its own. Walked without its
 * lock, as fill_dummy_bgs() does: during the mount nobody changes it.
 */
#if TWOSTAGE_HAS_CHUNK_MAP
#define twostage_chunk_map(fs_info) (&(fs_info)->mapping_tree)
#define twostage_chunk_start(node) (rb_entry(node, struct btrfs_chunk_map, rb_node)->start)
#else
#define twostage_chunk_map(fs_info) (&(fs_info)->mapping_tree.map)
#define twostage_chunk_start(node) (rb_entry(node, struct extent_map, rb_node)->start)
#endif

static inline void twostage_readahead_root(struct btrfs_fs_info *fs_info, u64 address,
					   u64 tree, u64 generation, int level)
{
#if TWOSTAGE_HAS_READAHEAD_FIRST_KEY
	btrfs_readahead_tree_block(fs_info, address, tree, generation, level, NULL);
#else
	btrfs_readahead_tree_block(fs_info, address, tree, generation, level);
#endif
}

/*
 * While a block is read, its pages are locked, or if it has folios, a bit is set. A page
 * that several blocks share is not locked.
 */
static inline void twostage_wait_for_read(struct extent_buffer *block)
{
#if TWOSTAGE_HAS_EXTENT_BUFFER_PAGES
	int i;

	for (i = 0; i < num_extent_pages(block); i++)
		wait_on_page_locked(block->pages[i]);
#else
	wait_on_bit_io(&block->bflags, EXTENT_BUFFER_READING, TASK_UNINTERRUPTIBLE);
#endif
}

/*
 * In so many places of a block group, whoever loads its free space looks for an extent, to
 * see for extents of which size the block group is.
 */
#if TWOSTAGE_HAS_SIZE_CLASS
#define TWOSTAGE_SIZE_PLACES	5
#define twostage_has_size_class(block_group) btrfs_block_group_should_use_size_class(block_group)
#else
#define TWOSTAGE_SIZE_PLACES	0
#define twostage_has_size_class(block_group) false
#endif

/*
 * The first extent with delayed refs at this address or behind it. The caller holds the
 * lock of the delayed refs.
 */
static inline struct btrfs_delayed_ref_head *
twostage_delayed_refs_from(struct btrfs_fs_info *fs_info,
			   struct btrfs_delayed_ref_root *refs, u64 start)
{
#if TWOSTAGE_HAS_DELAYED_REF_XARRAY
	unsigned long index = start >> fs_info->sectorsize_bits;

	return xa_find(&refs->head_refs, &index, ULONG_MAX, XA_PRESENT);
#else
	struct rb_node *node = refs->href_root.rb_root.rb_node;
	struct btrfs_delayed_ref_head *head, *found = NULL;

	while (node) {
		head = rb_entry(node, struct btrfs_delayed_ref_head, href_node);
		if (head->bytenr >= start)
			found = head;
		node = head->bytenr >= start ? node->rb_left : node->rb_right;
	}
	return found;
#endif
}

/* The one behind it, or NULL. Likewise. */
static inline struct btrfs_delayed_ref_head *
twostage_next_delayed_refs(struct btrfs_fs_info *fs_info,
			   struct btrfs_delayed_ref_root *refs,
			   struct btrfs_delayed_ref_head *head)
{
#if TWOSTAGE_HAS_DELAYED_REF_XARRAY
	unsigned long index = head->bytenr >> fs_info->sectorsize_bits;

	return xa_find_after(&refs->head_refs, &index, ULONG_MAX, XA_PRESENT);
#else
	return rb_entry_safe(rb_next(&head->href_node), struct btrfs_delayed_ref_head,
			     href_node);
#endif
}

/*
 * The delayed refs of about so many extents. The argument was a number of extents; of the
 * bytes that it is now, each ref takes up one unit, and freeing checksums a little more.
 */
static inline int twostage_run_first_delayed_refs(struct btrfs_trans_handle *trans,
						  unsigned int extents)
{
#if TWOSTAGE_HAS_DELAYED_REF_BYTES
	return btrfs_run_delayed_refs(
		trans, btrfs_calc_delayed_ref_bytes(trans->fs_info, extents));
#else
	return btrfs_run_delayed_refs(trans, extents);
#endif
}

#endif /* TWOSTAGE_COMPAT_READAHEAD_H */
