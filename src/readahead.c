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
 *	roots		the leaves of the tree of tree roots that name the trees of
 *			every mount, then the roots of these trees;
 *	device tree	all of it, as btrfs checks each extent of each device;
 *	block groups	each has an item, which may be in a leaf of its own, between
 *			the items of its extents. The chunk map, in memory by then,
 *			says where they are. Other leaves are not read: there may be a
 *			thousand for each that is. (Upstream read whole nodes ahead
 *			and dropped it, and has the block group tree now.)
 *
 * Nothing here is an error. What could not be read ahead, btrfs reads itself, and checks
 * and reports as always. Blocks read ahead are memory that can be reclaimed at any time.
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

/* Enough for any device's queue; 16 MiB of memory. */
#define MOST_IN_FLIGHT	1024

/**
 * struct ahead - what is read ahead of a tree
 * @fs_info: the filesystem
 * @mount: its state, or NULL if it has none yet
 * @root: the tree
 * @path: for searches, released in between
 * @last: address of the last block that was asked for
 * @in_flight: how many may be in flight
 */
struct ahead {
	struct btrfs_fs_info *fs_info;
	struct twostage_mount *mount;
	struct btrfs_root *root;
	struct btrfs_path *path;
	u64 last;
	unsigned int in_flight;
};

/* Returns false if nothing is to be read ahead. */
static bool begin(struct ahead *ahead, struct btrfs_fs_info *fs_info,
		  struct btrfs_root *root)
{
	/* With rescue options there may be no tree. */
	if (!root || !twostage_default_read_ahead())
		return false;
	*ahead = (struct ahead){
		.fs_info = fs_info,
		.mount = twostage_mount_find(fs_info),
		.root = root,
		.path = btrfs_alloc_path(),
	};
	return ahead->path;
}

static bool is_in_memory(struct btrfs_fs_info *fs_info, u64 address)
{
	struct extent_buffer *block = find_extent_buffer(fs_info, address);

	if (block)
		free_extent_buffer(block);
	return block;
}

/* Whether this block is to be read, now. */
static bool is_wanted(struct ahead *ahead, u64 address)
{
	/* Neighbouring items often share a leaf. */
	if (address == ahead->last)
		return false;
	ahead->last = address;
	if (is_in_memory(ahead->fs_info, address)) {
		twostage_block_found(ahead->mount);
		return false;
	}
	twostage_block_read_ahead(ahead->mount);
	ahead->in_flight++;
	return true;
}

static void read_child(struct ahead *ahead, struct extent_buffer *node, int slot)
{
	if (is_wanted(ahead, btrfs_node_blockptr(node, slot)))
		btrfs_readahead_node_child(node, slot);
}

/* Search for the item in a node or leaf of this level; returns as btrfs_search_slot(). */
static int search(struct ahead *ahead, u64 objectid, u8 type, int level)
{
	struct btrfs_key key = { .objectid = objectid, .type = type, .offset = U64_MAX };

	ahead->path->lowest_level = level;
	return btrfs_search_slot(NULL, ahead->root, &key, ahead->path, 0, 0);
}

/*
 * Start the block of this level that has the last item of this object and type, and the
 * one before if a search for a smaller key would end there.
 */
static int read_way(struct ahead *ahead, u64 objectid, u8 type, int level)
{
	struct extent_buffer *node;
	struct btrfs_key first;
	int slot, ret;

	ret = search(ahead, objectid, type, level + 1);
	if (ret < 0)
		return ret;
	node = ahead->path->nodes[level + 1];
	slot = ahead->path->slots[level + 1];
	/* In a node the search leaves the slot behind the child that it would follow. */
	if (ret && slot)
		slot--;
	btrfs_node_key_to_cpu(node, &first, slot);
	if (slot && first.objectid == objectid && first.type == type)
		read_child(ahead, node, slot - 1);
	read_child(ahead, node, slot);
	btrfs_release_path(ahead->path);
	if (ahead->in_flight < MOST_IN_FLIGHT)
		return 0;

	/* The last one to be started is nearly the last to arrive. */
	ret = search(ahead, objectid, type, level);
	btrfs_release_path(ahead->path);
	ahead->in_flight = 0;
	return ret < 0 ? ret : 0;
}

static int level_of(struct btrfs_root *root)
{
	struct extent_buffer *node = btrfs_root_node(root);
	int level = btrfs_header_level(node);

	free_extent_buffer(node);
	return level;
}

/* The blocks on the way to these objects' items, level by level. */
static void read_ways(struct ahead *ahead, const u64 *objectids, unsigned int count, u8 type)
{
	int level = level_of(ahead->root);
	struct blk_plug plug;
	unsigned int i;
	int ret = 0;

	while (!ret && level-- > 0) {
		ahead->last = 0;
		ahead->in_flight = 0;
		blk_start_plug(&plug);
		for (i = 0; i < count && !ret; i++)
			ret = read_way(ahead, objectids[i], type, level);
		blk_finish_plug(&plug);
	}
}

/**
 * twostage_read_ahead_roots - read ahead the roots of the trees that every mount reads
 * @fs_info: a filesystem whose tree of tree roots is known
 */
void twostage_read_ahead_roots(struct btrfs_fs_info *fs_info)
{
	static const u64 trees[] = {
		BTRFS_EXTENT_TREE_OBJECTID, BTRFS_DEV_TREE_OBJECTID,
		BTRFS_FS_TREE_OBJECTID, BTRFS_CSUM_TREE_OBJECTID,
		BTRFS_QUOTA_TREE_OBJECTID, BTRFS_UUID_TREE_OBJECTID,
		BTRFS_FREE_SPACE_TREE_OBJECTID, BTRFS_BLOCK_GROUP_TREE_OBJECTID,
		BTRFS_DATA_RELOC_TREE_OBJECTID,
	};
	struct btrfs_root_item item;
	struct btrfs_key key = { .type = BTRFS_ROOT_ITEM_KEY, .offset = U64_MAX };
	struct blk_plug plug;
	struct ahead ahead;
	unsigned int i;

	if (!begin(&ahead, fs_info, fs_info->tree_root))
		return;
	read_ways(&ahead, trees, ARRAY_SIZE(trees), BTRFS_ROOT_ITEM_KEY);
	ahead.path->lowest_level = 0;
	blk_start_plug(&plug);
	for (i = 0; i < ARRAY_SIZE(trees); i++) {
		key.objectid = trees[i];
		if (!btrfs_find_root(fs_info->tree_root, &key, ahead.path, &item, NULL) &&
		    is_wanted(&ahead, btrfs_root_bytenr(&item)))
			twostage_readahead_root(fs_info, btrfs_root_bytenr(&item), trees[i],
						btrfs_root_generation(&item),
						btrfs_root_level(&item));
		btrfs_release_path(ahead.path);
	}
	blk_finish_plug(&plug);
	btrfs_free_path(ahead.path);
}

static void read_children(struct ahead *ahead, struct extent_buffer *node)
{
	struct extent_buffer *child;
	struct blk_plug plug;
	u32 slot, count = btrfs_header_nritems(node);

	if (!btrfs_header_level(node))
		return;
	blk_start_plug(&plug);
	for (slot = 0; slot < count; slot++)
		read_child(ahead, node, slot);
	blk_finish_plug(&plug);
	for (slot = 0; slot < count && btrfs_header_level(node) > 1; slot++) {
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
 */
void twostage_read_ahead_devices(struct btrfs_fs_info *fs_info)
{
	struct extent_buffer *node;
	struct ahead ahead;

	if (!begin(&ahead, fs_info, fs_info->dev_root))
		return;
	node = btrfs_root_node(fs_info->dev_root);
	read_children(&ahead, node);
	free_extent_buffer(node);
	btrfs_free_path(ahead.path);
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
 * @root: the tree that has the items of block groups; NULL if rescue options leave it out
 */
void twostage_read_ahead_block_groups(struct btrfs_fs_info *fs_info,
				      struct btrfs_root *root)
{
	struct ahead ahead;
	unsigned int count;
	u64 *starts;

	if (!begin(&ahead, fs_info, root))
		return;
	starts = list_chunks(fs_info, &count);
	if (starts)
		read_ways(&ahead, starts, count, BTRFS_BLOCK_GROUP_ITEM_KEY);
	kvfree(starts);
	btrfs_free_path(ahead.path);
}
