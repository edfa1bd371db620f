// SPDX-License-Identifier: GPL-2.0
/*
 * Cache files with two extents that take turns.
 *
 * After a crash the cache of the last commit must be there, so the next one is
 * written somewhere else. The distribution frees the extent of each cache file in
 * each commit and allocates another: the extent tree changes twice for each cache,
 * and the free space that the caches describe with it. Where `fit` is on, a file
 * has two extents, each a sector longer than the file, and keeps both:
 *
 *	offset in the file	what the item there refers to
 *	0			the whole of one, but for its last sector: the cache
 *	the file's size		the last sector of the other
 *
 * The second item lies behind the end of the file, as fallocate() leaves extents
 * there. What the extent tree has of a reference is the file and the item's offset
 * less the offset in the extent, which is 0 for both items. So it stays the same
 * when the two extents change places, which takes two addresses in one leaf. To
 * everybody else it is a file with two extents: the distribution's module reads it,
 * and frees both when it empties it.
 *
 * An extent may be written when no tree that a crash can bring back has its cache:
 * when the transaction of the last exchange, which the items have as their
 * generation, has been committed to the device. The early pass may run while the
 * transaction before is still being written; then, and wherever else the two cannot
 * change places, the file is emptied and allocated anew.
 *
 * An image may claim any extent for a file: before the distribution writes to one
 * that exists, it asks the extent tree whether it is the file's alone
 * (can_nocow_file_extent()), and else the cache fails.
 *
 * Nothing is written to a block group that is read-only. While a transaction writes
 * its caches none becomes so (btrfs_inc_block_group_ro()), so to ask once is enough.
 *
 * Context, of everything here: a pass of the transaction, which is the only one to
 * set up cache files. May sleep.
 */
#include "ctree.h"
#include "block-group.h"
#include "btrfs_inode.h"
#include "delalloc-space.h"
#include "transaction.h"

#include "compat/headers.h"
#include "pair.h"

#ifdef TWOSTAGE_FAULTS
#include "fault-pair.h"
#endif

/* An item of a file of this size, that is the place of one extent of a pair. */
static bool is_place(const struct extent_buffer *leaf, int slot,
		     const struct btrfs_key *expected, u8 type, u64 num_bytes,
		     u64 length)
{
	struct btrfs_file_extent_item *item;
	struct btrfs_key key;

	if (slot >= btrfs_header_nritems(leaf))
		return false;
	btrfs_item_key_to_cpu(leaf, &key, slot);
	if (btrfs_comp_cpu_keys(&key, expected))
		return false;

	item = btrfs_item_ptr(leaf, slot, struct btrfs_file_extent_item);
	return btrfs_file_extent_type(leaf, item) == type &&
	       btrfs_file_extent_disk_bytenr(leaf, item) &&
	       btrfs_file_extent_disk_num_bytes(leaf, item) == length &&
	       btrfs_file_extent_offset(leaf, item) == key.offset &&
	       btrfs_file_extent_num_bytes(leaf, item) == num_bytes;
}

static bool is_writable(struct btrfs_fs_info *fs_info, u64 bytenr)
{
	struct btrfs_block_group *block_group =
		btrfs_lookup_block_group(fs_info, bytenr);
	bool writable;

	if (!block_group)
		return false;
	writable = !block_group->ro;
	btrfs_put_block_group(block_group);
	return writable;
}

/*
 * As one that was allocated just now, whatever it held: for such an extent the
 * distribution makes the extent map that the pages are written by. It takes one of
 * a cache file that it has to look for from the tree that was committed last.
 */
static void set_place(struct extent_buffer *leaf,
		      struct btrfs_file_extent_item *item, u64 bytenr, u64 transid)
{
	btrfs_set_file_extent_disk_bytenr(leaf, item, bytenr);
	btrfs_set_file_extent_type(leaf, item, BTRFS_FILE_EXTENT_PREALLOC);
	btrfs_set_file_extent_generation(leaf, item, transid);
}

/* @path is at the first item, in a leaf that may be changed. */
static bool swap_places(struct btrfs_trans_handle *trans, struct inode *inode,
			struct btrfs_path *path)
{
	struct btrfs_fs_info *fs_info = trans->fs_info;
	struct extent_buffer *leaf = path->nodes[0];
	struct btrfs_file_extent_item *first, *second;
	struct btrfs_key key = {
		.objectid = btrfs_ino(BTRFS_I(inode)),
		.type = BTRFS_EXTENT_DATA_KEY,
	};
	u64 size = i_size_read(inode);
	u64 length = size + fs_info->sectorsize;
	int slot = path->slots[0];
	u64 old, new;

	/* One that was not written to its end may lie where nothing can be. */
	if (!is_place(leaf, slot, &key, BTRFS_FILE_EXTENT_REG, size, length))
		return false;
	/* Between the two a leaf may end; to allocate then is rare enough. */
	key.offset = size;
	if (!is_place(leaf, slot + 1, &key, BTRFS_FILE_EXTENT_PREALLOC,
		      fs_info->sectorsize, length))
		return false;

	first = btrfs_item_ptr(leaf, slot, struct btrfs_file_extent_item);
	second = btrfs_item_ptr(leaf, slot + 1, struct btrfs_file_extent_item);
	old = btrfs_file_extent_disk_bytenr(leaf, first);
	new = btrfs_file_extent_disk_bytenr(leaf, second);
	if (old == new || !is_writable(fs_info, new))
		return false;
	if (btrfs_file_extent_generation(leaf, first) >
	    READ_ONCE(fs_info->last_trans_committed))
		return false;

	set_place(leaf, first, new, trans->transid);
	set_place(leaf, second, old, trans->transid);
	return true;
}

/**
 * twostage_swap_extents - let the extents of a cache file change places
 * @trans: the transaction that is going to write the cache
 * @inode: the file
 * @path: a path to use; it is released
 *
 * Return: true if the file may be written now. If false, nothing has changed, and
 * the file has to be emptied and allocated.
 */
bool twostage_swap_extents(struct btrfs_trans_handle *trans, struct inode *inode,
			   struct btrfs_path *path)
{
	struct btrfs_root *root = BTRFS_I(inode)->root;
	struct btrfs_key key = {
		.objectid = btrfs_ino(BTRFS_I(inode)),
		.type = BTRFS_EXTENT_DATA_KEY,
	};
	bool swapped = false;

	if (!btrfs_search_slot(trans, root, &key, path, 0, 1))
		swapped = swap_places(trans, inode, path);
	btrfs_release_path(path);
	if (swapped)
		btrfs_drop_extent_map_range(BTRFS_I(inode), 0, (u64)-1, false);
	return swapped;
}

/**
 * twostage_add_second_extent - make a pair of a cache file's extent
 * @trans: the transaction
 * @inode: the file, just allocated, with a sector behind its end
 * @hint: where to look for space first
 *
 * Where there is no space for it the file stays as it is, and is emptied the next
 * time.
 *
 * Return: 0 or a negative errno, and then the transaction is aborted.
 */
int twostage_add_second_extent(struct btrfs_trans_handle *trans,
			       struct inode *inode, u64 hint)
{
	struct btrfs_fs_info *fs_info = trans->fs_info;
	struct btrfs_root *root = BTRFS_I(inode)->root;
	struct btrfs_file_extent_item item = { };
	u32 sectorsize = fs_info->sectorsize;
	u64 size = i_size_read(inode);
	u64 length = size + sectorsize;
	struct btrfs_key extent;
	int ret;

	ret = btrfs_alloc_data_chunk_ondemand(BTRFS_I(inode), length);
	if (ret)
		return 0;
	ret = btrfs_reserve_extent(root, length, length, length, 0, hint, &extent,
				   true, false);
	if (ret) {
		btrfs_free_reserved_data_space(BTRFS_I(inode), NULL, 0, length);
		return 0;
	}

	btrfs_set_stack_file_extent_type(&item, BTRFS_FILE_EXTENT_PREALLOC);
	btrfs_set_stack_file_extent_disk_bytenr(&item, extent.objectid);
	btrfs_set_stack_file_extent_disk_num_bytes(&item, length);
	btrfs_set_stack_file_extent_offset(&item, size);
	btrfs_set_stack_file_extent_num_bytes(&item, sectorsize);
	btrfs_set_stack_file_extent_ram_bytes(&item, length);
	ret = twostage_insert_extent(trans, BTRFS_I(inode), size, &item);
	btrfs_dec_block_group_reservations(fs_info, extent.objectid);
	btrfs_drop_extent_map_range(BTRFS_I(inode), 0, (u64)-1, false);
	if (ret) {
		/* It is not known how far it has come. */
		btrfs_free_reserved_extent(fs_info, extent.objectid, length, false);
		btrfs_abort_transaction(trans, ret);
	}
	return ret;
}
