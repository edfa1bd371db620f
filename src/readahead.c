// SPDX-License-Identifier: GPL-2.0
/*
 * Reading tree blocks before they are needed.
 *
 * A task that reads a block, waits, and reads the next leaves the device idle in
 * between, as the serial writeout does. Where it is known which blocks btrfs is about to
 * read, all of them are started first; btrfs then finds each in memory, or on its way.
 * So the waits of a mount do not grow with the filesystem, but with the height of its
 * trees:
 *
 *	roots		the leaves of the tree of tree roots that name the trees which
 *			a mount reads, then the roots of these trees;
 *	device tree	all of it, as btrfs checks each extent of each device;
 *	block groups	each has an item, which may be in a leaf of its own, between
 *			the items of its extents. The chunk map, in memory by then,
 *			says where they are. Other leaves are not read: there may be a
 *			thousand for each that is.
 *
 * Nothing here is an error. What could not be read ahead, btrfs reads itself, tries
 * other copies of, and reports. As with btrfs' own read-ahead, a block that is found in
 * memory is not checked for its owner, and a bad one may be reported twice.
 *
 * A mount that fails frees what the end of a read needs, so no read is left in flight:
 * each of these functions is followed by btrfs' own, and that by
 * twostage_read_ahead_end(), which waits.
 *
 * Context, for everything here: mount, when nobody else uses the trees. May sleep.
 */
#include <linux/blkdev.h>
#include <linux/rbtree.h>
#include <linux/slab.h>

#include "ctree.h"
#include "disk-io.h"
#include "extent_io.h"

#include "compat/readahead.h"
#include "defaults.h"
#include "mount.h"
#include "readahead.h"

/* Enough for any device's queue. */
#define MOST_IN_FLIGHT	1024

/**
 * struct twostage_ahead - what is read ahead of a tree
 * @fs_info: the filesystem
 * @mount: its state, or NULL if it has none yet
 * @root: the tree
 * @path: for searches, released in between
 * @last: address of the last block that was asked for
 * @count: how many are in @started
 * @started: addresses of the blocks that may be in flight
 */
struct twostage_ahead {
	struct btrfs_fs_info *fs_info;
	struct twostage_mount *mount;
	struct btrfs_root *root;
	struct btrfs_path *path;
	u64 last;
	unsigned int count;
	u64 started[MOST_IN_FLIGHT];
};

static bool wants_read_ahead(struct btrfs_fs_info *fs_info)
{
	/* Trees that may be damaged, or have another format, are left alone. */
	return twostage_default_read_ahead() &&
	       !btrfs_test_opt(fs_info, IGNOREBADROOTS) &&
	       !btrfs_test_opt(fs_info, IGNOREDATACSUMS) &&
	       !(btrfs_super_compat_ro_flags(fs_info->super_copy) &
		 ~BTRFS_FEATURE_COMPAT_RO_SUPP);
}

/* Returns NULL if nothing is to be read ahead. */
static struct twostage_ahead *begin(struct btrfs_fs_info *fs_info, struct btrfs_root *root)
{
	struct twostage_ahead *ahead;

	if (!root || !wants_read_ahead(fs_info))
		return NULL;
	ahead = kzalloc(sizeof(*ahead), GFP_KERNEL);
	if (!ahead)
		return NULL;
	ahead->fs_info = fs_info;
	ahead->mount = twostage_mount_find(fs_info);
	ahead->root = root;
	ahead->path = btrfs_alloc_path();
	if (ahead->path)
		return ahead;
	kfree(ahead);
	return NULL;
}

static void wait_for_all(struct twostage_ahead *ahead)
{
	struct extent_buffer *block;

	while (ahead->count) {
		block = find_extent_buffer(ahead->fs_info, ahead->started[--ahead->count]);
		if (!block)
			continue;
		twostage_wait_for_read(block);
		free_extent_buffer(block);
	}
}

/**
 * twostage_read_ahead_end - end reading ahead
 * @ahead: what was returned when it began, or NULL
 *
 * Waits for what is still in flight, which after a success is nothing.
 */
void twostage_read_ahead_end(struct twostage_ahead *ahead)
{
	if (!ahead)
		return;
	wait_for_all(ahead);
	btrfs_free_path(ahead->path);
	kfree(ahead);
}

static bool is_in_memory(struct btrfs_fs_info *fs_info, u64 address)
{
	struct extent_buffer *block = find_extent_buffer(fs_info, address);

	if (block)
		free_extent_buffer(block);
	return block;
}

/* Whether this block is to be read, now. */
static bool is_wanted(struct twostage_ahead *ahead, u64 address)
{
	/* Neighbouring items often share a leaf. */
	if (address == ahead->last)
		return false;
	ahead->last = address;
	if (is_in_memory(ahead->fs_info, address)) {
		twostage_block_found(ahead->mount);
		return false;
	}
	if (ahead->count == MOST_IN_FLIGHT)
		wait_for_all(ahead);
	ahead->started[ahead->count++] = address;
	twostage_block_read_ahead(ahead->mount);
	return true;
}

static void read_child(struct twostage_ahead *ahead, struct extent_buffer *node, int slot)
{
	if (is_wanted(ahead, btrfs_node_blockptr(node, slot)))
		btrfs_readahead_node_child(node, slot);
}

/*
 * Start the block of this level that has the last item of this object and type, and the
 * one before if a search for a smaller key would end there. Returns a negative errno if
 * the way there cannot be found.
 */
static int read_way(struct twostage_ahead *ahead, u64 objectid, u8 type, int level)
{
	struct btrfs_key key = { .objectid = objectid, .type = type, .offset = U64_MAX };
	struct btrfs_path *path = ahead->path;
	struct extent_buffer *node;
	struct btrfs_key first;
	int slot, ret;

	path->lowest_level = level + 1;
	ret = btrfs_search_slot(NULL, ahead->root, &key, path, 0, 0);
	if (ret < 0)
		return ret;
	node = path->nodes[level + 1];
	slot = path->slots[level + 1];
	/* In a node the search leaves the slot behind the child that it would follow. */
	if (ret && slot)
		slot--;
	btrfs_node_key_to_cpu(node, &first, slot);
	if (slot && first.objectid == objectid && first.type == type)
		read_child(ahead, node, slot - 1);
	read_child(ahead, node, slot);
	btrfs_release_path(path);
	return 0;
}

static int level_of(struct btrfs_root *root)
{
	struct extent_buffer *node = btrfs_root_node(root);
	int level = btrfs_header_level(node);

	free_extent_buffer(node);
	return level;
}

/* The blocks on the way to these objects' items, level by level. */
static int read_ways(struct twostage_ahead *ahead, const u64 *objectids, unsigned int count,
		     u8 type)
{
	int level = level_of(ahead->root);
	struct blk_plug plug;
	unsigned int i;
	int ret = 0;

	while (!ret && level-- > 0) {
		ahead->last = 0;
		blk_start_plug(&plug);
		for (i = 0; i < count && !ret; i++)
			ret = read_way(ahead, objectids[i], type, level);
		blk_finish_plug(&plug);
	}
	return ret;
}

/* Start the root of a tree, if there is such a tree. */
static int read_root(struct twostage_ahead *ahead, u64 tree)
{
	const struct btrfs_key key = { .objectid = tree, .type = BTRFS_ROOT_ITEM_KEY };
	struct btrfs_root_item item;
	int ret;

	ahead->path->lowest_level = 0;
	ret = btrfs_find_root(ahead->root, &key, ahead->path, &item, NULL);
	btrfs_release_path(ahead->path);
	if (!ret && is_wanted(ahead, btrfs_root_bytenr(&item)))
		twostage_readahead_root(ahead->fs_info, btrfs_root_bytenr(&item), tree,
					btrfs_root_generation(&item),
					btrfs_root_level(&item));
	return ret;
}

/**
 * twostage_read_ahead_roots - read ahead the roots of the trees that a mount reads
 * @fs_info: a filesystem whose tree of tree roots is known
 *
 * Return: for twostage_read_ahead_end(); may be NULL.
 */
struct twostage_ahead *twostage_read_ahead_roots(struct btrfs_fs_info *fs_info)
{
	static const u64 trees[] = {
		BTRFS_EXTENT_TREE_OBJECTID, BTRFS_DEV_TREE_OBJECTID,
		BTRFS_FS_TREE_OBJECTID, BTRFS_CSUM_TREE_OBJECTID,
		BTRFS_QUOTA_TREE_OBJECTID, BTRFS_UUID_TREE_OBJECTID,
		BTRFS_FREE_SPACE_TREE_OBJECTID, BTRFS_BLOCK_GROUP_TREE_OBJECTID,
		BTRFS_DATA_RELOC_TREE_OBJECTID
	};
	struct twostage_ahead *ahead = begin(fs_info, fs_info->tree_root);
	struct blk_plug plug;
	unsigned int i;
	int ret;

	if (!ahead)
		return NULL;
	ret = read_ways(ahead, trees, ARRAY_SIZE(trees), BTRFS_ROOT_ITEM_KEY);
	blk_start_plug(&plug);
	for (i = 0; i < ARRAY_SIZE(trees) && ret >= 0; i++)
		ret = read_root(ahead, trees[i]);
	blk_finish_plug(&plug);
	return ahead;
}

static void read_children(struct twostage_ahead *ahead, struct extent_buffer *node)
{
	const int level = btrfs_header_level(node);
	struct extent_buffer *child;
	struct blk_plug plug;
	u32 slot, count = btrfs_header_nritems(node);

	if (!level)
		return;
	blk_start_plug(&plug);
	for (slot = 0; slot < count; slot++)
		read_child(ahead, node, slot);
	blk_finish_plug(&plug);
	for (slot = 0; slot < count && level > 1; slot++) {
		child = btrfs_read_node_slot(node, slot);
		if (IS_ERR(child))
			break;
		read_children(ahead, child);
		free_extent_buffer(child);
	}
}

/**
 * twostage_read_ahead_devices - read ahead the device tree
 * @fs_info: a filesystem whose roots are known
 *
 * Return: for twostage_read_ahead_end(); may be NULL.
 */
struct twostage_ahead *twostage_read_ahead_devices(struct btrfs_fs_info *fs_info)
{
	struct twostage_ahead *ahead = begin(fs_info, fs_info->dev_root);
	struct extent_buffer *node;

	if (!ahead)
		return NULL;
	node = btrfs_root_node(fs_info->dev_root);
	read_children(ahead, node);
	free_extent_buffer(node);
	return ahead;
}

/* Returns NULL if there is no memory. The caller frees it. */
static u64 *list_chunks(struct btrfs_fs_info *fs_info, unsigned int *count)
{
	struct rb_node *first = rb_first_cached(twostage_chunk_map(fs_info)), *node;
	u64 *starts, *next;

	*count = 0;
	for (node = first; node; node = rb_next(node))
		++*count;
	starts = kvmalloc_array(*count, sizeof(*starts), GFP_KERNEL);
	if (!starts)
		return NULL;
	next = starts;
	for (node = first; node; node = rb_next(node))
		*next++ = twostage_chunk_start(node);
	return starts;
}

/**
 * twostage_read_ahead_block_groups - read ahead what btrfs_read_block_groups() needs
 * @fs_info: a filesystem whose chunks are known
 * @root: the tree that has the items of block groups
 *
 * Return: for twostage_read_ahead_end(); may be NULL.
 */
struct twostage_ahead *twostage_read_ahead_block_groups(struct btrfs_fs_info *fs_info,
							struct btrfs_root *root)
{
	struct twostage_ahead *ahead = begin(fs_info, root);
	unsigned int count;
	u64 *starts;

	if (!ahead)
		return NULL;
	starts = list_chunks(fs_info, &count);
	if (starts)
		read_ways(ahead, starts, count, BTRFS_BLOCK_GROUP_ITEM_KEY);
	kvfree(starts);
	return ahead;
}
