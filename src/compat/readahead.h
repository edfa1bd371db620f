/* SPDX-License-Identifier: GPL-2.0 */
/* What reading ahead needs: the chunk map, reading a root ahead, waiting for a read. */
#ifndef TWOSTAGE_COMPAT_READAHEAD_H
#define TWOSTAGE_COMPAT_READAHEAD_H

#include <linux/pagemap.h>
#include <linux/rbtree.h>
#include <linux/wait_bit.h>

#include "ctree.h"
#include "extent_io.h"
#include "volumes.h"

#include "twostage_compat.h"

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

/* While a block is read, its pages are locked, or if it has folios, a bit is set. */
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

#endif /* TWOSTAGE_COMPAT_READAHEAD_H */
