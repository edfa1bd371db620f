// SPDX-License-Identifier: GPL-2.0
/*
 * Reading tree blocks and caches before they are needed.
 *
 * A task that reads a block, waits, and reads the next leaves the device idle in
 * between, as the serial writeout does. Where it is known which blocks btrfs is about to
 * read, all of them are started first; btrfs then finds each in memory, or on its way.
 * So the number of waits does not grow with the filesystem, but with the height of its
 * trees. A mount reads
 *
 *	roots		the leaves of the tree of tree roots that name the trees which
 *			a mount reads, then the roots of these trees;
 *	device tree	all of it, as btrfs checks each extent of each device;
 *	block groups	each has an item, which may be in a leaf of its own, between
 *			the items of its extents. The chunk map, in memory by then,
 *			says where they are. Other leaves are not read: there may be a
 *			thousand for each that is.
 *
 * and a commit
 *
 *	delayed refs	of each extent, the leaf with its item, and the one with the
 *			free space around it; if it is freed, those with its checksums;
 *	free space	of each block group that is freed into for the first time: its
 *			cache, which is found in two steps, with the leaf that has its
 *			extent's item; or its part of the free space tree. btrfs loads
 *			one after the other, in the transaction;
 *	block groups	the items of those that are dirty.
 *
 * Where a block group has no valid cache, or all are converted to a free space tree, the
 * extent tree is scanned, leaf after leaf: the leaves are started together.
 *
 * All trees are descended together, level by level. Where everything is in memory, as in
 * a warm commit, only samples are taken.
 *
 * Nothing here is an error. What could not be read ahead, btrfs reads itself, tries
 * other copies of, and reports. As with btrfs' own read-ahead, a block that is found in
 * memory is not checked for its owner, and a bad one may be reported twice.
 *
 * No tree block is left in flight, since a mount that fails frees what its end needs: what
 * begins here is followed by btrfs' own work, and that by twostage_read_ahead_end(), which
 * waits. Pages of caches may be left; whoever evicts the inode waits for them.
 *
 * Context: mount, when nobody else uses the trees; a task that holds a transaction open,
 * but no lock; or one that holds commit_root_sem and reads the last commit's trees. May
 * sleep. Tasks are told apart by their struct twostage_ahead.
 */
#include <linux/blkdev.h>
#include <linux/math64.h>
#include <linux/rbtree.h>
#include <linux/slab.h>

#include "ctree.h"
#include "block-group.h"
#include "disk-io.h"
#include "extent_io.h"
#include "free-space-cache.h"
#include "transaction.h"

#include "compat/compat.h"
#include "compat/readahead.h"
#include "defaults.h"
#include "mount.h"
#include "readahead.h"

/* Enough for any device's queue. */
#define MOST_IN_FLIGHT	1024
/* While a commit may be waiting for commit_root_sem: more than a disk can sort. */
#define MOST_UNDER_LOCK	64
/* Of caches, the same amount of memory. */
#define MOST_CACHE_BYTES	(16 << 20)
/* Extents whose delayed refs are read ahead at once, and their blocks' part of memory. */
#define MOST_REFS	8192
#define PART_OF_MEMORY	16
/* How many of them are listed under the lock of the delayed refs. */
#define MOST_LOCKED	256
/* After so many targets in memory, one after the other, steps are doubled, up to 64. */
#define ENOUGH_IN_MEMORY	8
#define MOST_DOUBLINGS		6U

/* The items from one to the other. */
struct key_range {
	struct btrfs_key first;
	struct btrfs_key last;
};

/**
 * struct twostage_ahead - what is read ahead
 * @fs_info: the filesystem
 * @mount: its state, or NULL if it has none yet
 * @path: for searches, released in between
 * @read: what is being read
 * @missed: a block of the last target was not in memory
 * @block: the first key of the last block that was asked for, and that of the next one
 * @depth: how many blocks may be in flight
 * @oldest: the first entry of @started, a ring
 * @count: how many it has
 * @started: addresses of the blocks that may be in flight
 */
struct twostage_ahead {
	struct btrfs_fs_info *fs_info;
	struct twostage_mount *mount;
	struct btrfs_path *path;
	struct twostage_read read;
	bool missed;
	struct key_range block;
	unsigned int depth;
	unsigned int oldest;
	unsigned int count;
	u64 started[MOST_IN_FLIGHT];
};

/**
 * struct target - what btrfs is about to look up
 * @start: logical address, or another number by which it is found
 * @length: of an extent or block group, in bytes
 * @data: an extent of data
 * @freed: an extent that loses references, and may be freed
 * @cold: in a block group whose free space was not loaded yet
 * @block_group: a block group, with a reference
 */
struct target {
	u64 start;
	u64 length;
	bool data;
	bool freed;
	bool cold;
	struct btrfs_block_group *block_group;
};

/**
 * struct search - what is read ahead of a tree
 * @root: the tree, or NULL
 * @targets: what will be looked up in it, in order of its keys if possible
 * @count: how many these are
 * @range_of: which items that are, if any
 */
struct search {
	struct btrfs_root *root;
	const struct target *targets;
	unsigned int count;
	bool (*range_of)(const struct target *target, struct key_range *range);
};

static bool allowed(struct btrfs_fs_info *fs_info)
{
	/*
	 * Trees that may be damaged, or have another format, are left alone; and so
	 * are blocks that share a page, see twostage_wait_for_read().
	 */
	return !(fs_info->mount_opt & BTRFS_MOUNT_FULL_RO_MASK) &&
	       fs_info->nodesize >= PAGE_SIZE &&
	       !btrfs_fs_incompat(fs_info, EXTENT_TREE_V2) &&
	       !(btrfs_super_compat_ro_flags(fs_info->super_copy) &
		 ~BTRFS_FEATURE_COMPAT_RO_SUPP);
}

/* Returns NULL if nothing is to be read ahead. */
static struct twostage_ahead *begin(struct btrfs_fs_info *fs_info,
				    enum twostage_read_before before)
{
	struct twostage_ahead *ahead;

	if (!allowed(fs_info))
		return NULL;
	ahead = kvmalloc(sizeof(*ahead), GFP_NOFS);
	if (!ahead)
		return NULL;
	ahead->fs_info = fs_info;
	ahead->mount = twostage_mount_find(fs_info);
	ahead->read = (struct twostage_read){ .before = before, .began = ktime_get_ns() };
	ahead->depth = MOST_IN_FLIGHT;
	ahead->oldest = 0;
	ahead->count = 0;
	ahead->path = btrfs_alloc_path();
	if (ahead->path)
		return ahead;
	kvfree(ahead);
	return NULL;
}

static struct twostage_ahead *begin_mount(struct btrfs_fs_info *fs_info,
					  struct btrfs_root *root)
{
	if (!root || !twostage_default_read_ahead())
		return NULL;
	return begin(fs_info, TWOSTAGE_READ_MOUNT);
}

/* All is being read that is going to be. */
static void note_started(struct twostage_ahead *ahead, u64 transid)
{
	twostage_read_started(ahead->fs_info, ahead->mount, transid, &ahead->read);
}

/* Wait until no more than so many blocks are in flight, the oldest first. */
static void make_room(struct twostage_ahead *ahead, unsigned int most)
{
	struct extent_buffer *block;

	for (; ahead->count > most; ahead->count--) {
		block = stock_find_extent_buffer(ahead->fs_info,
						 ahead->started[ahead->oldest]);
		ahead->oldest = (ahead->oldest + 1) % MOST_IN_FLIGHT;
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
 * Waits for the blocks that are still in flight.
 */
void twostage_read_ahead_end(struct twostage_ahead *ahead)
{
	if (!ahead)
		return;
	make_room(ahead, 0);
	btrfs_free_path(ahead->path);
	kvfree(ahead);
}

/* Whether this block is to be read, now. */
static bool is_wanted(struct twostage_ahead *ahead, u64 address)
{
	struct extent_buffer *block = stock_find_extent_buffer(ahead->fs_info, address);

	if (!block) {
		ahead->missed = true;
		return ahead->count < ahead->depth;
	}
	/* One that was read ahead, and not used yet, does not show that others are here. */
	if (test_bit(TWOSTAGE_BLOCK_AHEAD, &block->bflags))
		ahead->missed = true;
	else
		ahead->read.num_in_memory++;
	free_extent_buffer(block);
	return false;
}

/* A block that is now being read. */
static void note_block(struct twostage_ahead *ahead, u64 address)
{
	struct extent_buffer *block = stock_find_extent_buffer(ahead->fs_info, address);

	if (!block)
		return;
	set_bit(TWOSTAGE_BLOCK_AHEAD, &block->bflags);
	free_extent_buffer(block);
	ahead->started[(ahead->oldest + ahead->count++) % MOST_IN_FLIGHT] = address;
	ahead->read.num_blocks++;
}

static void read_child(struct twostage_ahead *ahead, struct extent_buffer *node, int slot)
{
	const u64 address = btrfs_node_blockptr(node, slot);

	if (!is_wanted(ahead, address))
		return;
	btrfs_readahead_node_child(node, slot);
	note_block(ahead, address);
}

/* Whether a range is in the block that was asked for last, and ends where the next begins. */
static bool is_in_block(const struct key_range *range, const struct key_range *block)
{
	return btrfs_comp_cpu_keys(&range->first, &block->first) >= 0 &&
	       btrfs_comp_cpu_keys(&range->last, &block->last) < 0;
}

/*
 * Start the blocks of this level that may have items of the range, as far as they have
 * the same parent. Returns a negative errno if the way there cannot be found.
 */
static int read_range(struct twostage_ahead *ahead, struct btrfs_root *root,
		      const struct key_range *range, int level)
{
	struct btrfs_path *path = ahead->path;
	struct extent_buffer *node;
	int slot, ret;

	/* Not while a node is locked. */
	make_room(ahead, ahead->depth / 2);
	path->lowest_level = level + 1;
	ret = btrfs_search_slot(NULL, root, &range->first, path, 0, 0);
	if (ret < 0)
		return ret;
	/* The tree may have become lower. */
	node = path->nodes[level + 1];
	if (!node)
		goto out;
	slot = path->slots[level + 1];
	/* In a node the search leaves the slot behind the child that it would follow. */
	if (ret && slot)
		slot--;
	for (;;) {
		read_child(ahead, node, slot);
		btrfs_node_key_to_cpu(node, &ahead->block.first, slot);
		ahead->block.last = ahead->block.first;
		if (++slot == btrfs_header_nritems(node))
			break;
		btrfs_node_key_to_cpu(node, &ahead->block.last, slot);
		if (btrfs_comp_cpu_keys(&ahead->block.last, &range->last) > 0)
			break;
	}
out:
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

static int read_target(struct twostage_ahead *ahead, const struct search *search,
		       unsigned int i, int level)
{
	struct key_range range;
	int ret = 0;

	if (!search->range_of(&search->targets[i], &range)) {
		ahead->missed = false;
	} else if (!is_in_block(&range, &ahead->block)) {
		ahead->missed = false;
		ret = read_range(ahead, search->root, &range, level);
	}
	return ret;
}

/*
 * The next target to look at. Where all is in memory, as in a warm commit, the steps become
 * ever larger; when one meets a block that is not, read_level() goes back for the targets in
 * between. A block that is passed over is read by btrfs, alone; so no step passes over what
 * is in a cold block group.
 */
static unsigned int next_target(const struct search *search, unsigned int from,
				unsigned int in_memory)
{
	const unsigned int step = 1 << min(in_memory / ENOUGH_IN_MEMORY, MOST_DOUBLINGS);
	const unsigned int last = min(from + step, search->count) - 1;

	while (from < last && !search->targets[from].cold)
		from++;
	return from;
}

static int read_level(struct twostage_ahead *ahead, const struct search *search, int level)
{
	unsigned int next, done = 0, in_memory = 0;
	struct blk_plug plug;
	bool missed;
	int ret = 0;

	ahead->block = (struct key_range){};
	blk_start_plug(&plug);
	while (done < search->count && !ret) {
		next = next_target(search, done, in_memory);
		ret = read_target(ahead, search, next, level);
		missed = ahead->missed;
		for (; missed && done < next && !ret; done++)
			ret = read_target(ahead, search, done, level);
		in_memory = missed ? 0 : in_memory + 1;
		done = next + 1;
	}
	blk_finish_plug(&plug);
	return ret;
}

/* Descend all of the trees together. */
static int read_levels(struct twostage_ahead *ahead, const struct search *searches,
		       unsigned int count)
{
	int level = BTRFS_MAX_LEVEL;
	unsigned int i;
	int ret = 0;

	while (level-- && !ret) {
		for (i = 0; i < count && !ret; i++) {
			if (searches[i].root && searches[i].count &&
			    level < level_of(searches[i].root))
				ret = read_level(ahead, &searches[i], level);
		}
	}
	return ret;
}

static bool all_of_type(u64 objectid, u8 type, struct key_range *range)
{
	range->first = (struct btrfs_key){ .objectid = objectid, .type = type };
	range->last = range->first;
	range->last.offset = U64_MAX;
	return true;
}

static bool root_item(const struct target *tree, struct key_range *range)
{
	return all_of_type(tree->start, BTRFS_ROOT_ITEM_KEY, range);
}

static bool block_group_item(const struct target *block_group, struct key_range *range)
{
	return all_of_type(block_group->start, BTRFS_BLOCK_GROUP_ITEM_KEY, range);
}

/* Start the root of a tree, if there is such a tree. */
static int read_root(struct twostage_ahead *ahead, u64 tree)
{
	const struct btrfs_key key = { .objectid = tree, .type = BTRFS_ROOT_ITEM_KEY };
	struct btrfs_root_item item;
	u64 address;
	int ret;

	ahead->path->lowest_level = 0;
	ret = btrfs_find_root(ahead->fs_info->tree_root, &key, ahead->path, &item, NULL);
	btrfs_release_path(ahead->path);
	address = btrfs_root_bytenr(&item);
	if (ret || !is_wanted(ahead, address))
		return ret;
	twostage_readahead_root(ahead->fs_info, address, tree, btrfs_root_generation(&item),
				btrfs_root_level(&item));
	note_block(ahead, address);
	return 0;
}

/**
 * twostage_read_ahead_roots - read ahead the roots of the trees that a mount reads
 * @fs_info: a filesystem whose tree of tree roots is known
 *
 * Return: for twostage_read_ahead_end(); may be NULL.
 */
struct twostage_ahead *twostage_read_ahead_roots(struct btrfs_fs_info *fs_info)
{
	static const struct target trees[] = {
		{ .start = BTRFS_EXTENT_TREE_OBJECTID },
		{ .start = BTRFS_DEV_TREE_OBJECTID },
		{ .start = BTRFS_FS_TREE_OBJECTID },
		{ .start = BTRFS_CSUM_TREE_OBJECTID },
		{ .start = BTRFS_QUOTA_TREE_OBJECTID },
		{ .start = BTRFS_UUID_TREE_OBJECTID },
		{ .start = BTRFS_FREE_SPACE_TREE_OBJECTID },
		{ .start = BTRFS_BLOCK_GROUP_TREE_OBJECTID },
		{ .start = BTRFS_DATA_RELOC_TREE_OBJECTID },
	};
	const struct search search = {
		.root = fs_info->tree_root,
		.targets = trees,
		.count = ARRAY_SIZE(trees),
		.range_of = root_item,
	};
	struct twostage_ahead *ahead = begin_mount(fs_info, fs_info->tree_root);
	struct blk_plug plug;
	unsigned int i;
	int ret;

	if (!ahead)
		return NULL;
	ret = read_levels(ahead, &search, 1);
	blk_start_plug(&plug);
	for (i = 0; i < ARRAY_SIZE(trees) && ret >= 0; i++)
		ret = read_root(ahead, trees[i].start);
	blk_finish_plug(&plug);
	note_started(ahead, 0);
	return ahead;
}

/* The child that has, or would have, this key. */
static int find_child(const struct extent_buffer *node, const struct btrfs_key *key)
{
	int low = 0, high = btrfs_header_nritems(node), middle;
	struct btrfs_key first;

	while (high - low > 1) {
		middle = (low + high) / 2;
		btrfs_node_key_to_cpu(node, &first, middle);
		if (btrfs_comp_cpu_keys(&first, key) <= 0)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/*
 * Start what a tree has of a range, up to a number of blocks. The caller sees to it that
 * the tree does not change; whoever waits to do so comes first.
 */
static void read_children(struct twostage_ahead *ahead, struct extent_buffer *node,
			  const struct key_range *range, unsigned int *most)
{
	struct rw_semaphore *changes = &ahead->fs_info->commit_root_sem;
	const int level = btrfs_header_level(node);
	struct extent_buffer *child;
	struct blk_plug plug;
	int first, end, slot;

	if (!level)
		return;
	first = find_child(node, &range->first);
	end = find_child(node, &range->last) + 1;
	blk_start_plug(&plug);
	for (slot = first; slot < end && *most && !rwsem_is_contended(changes); slot++) {
		make_room(ahead, ahead->depth - 1);
		ahead->missed = false;
		read_child(ahead, node, slot);
		*most -= ahead->missed;
	}
	blk_finish_plug(&plug);
	for (slot = first; level > 1 && slot < end && *most && !rwsem_is_contended(changes);
	     slot++) {
		child = btrfs_read_node_slot(node, slot);
		if (IS_ERR(child))
			break;
		read_children(ahead, child, range, most);
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
	const struct key_range all = { .last = { U64_MAX, U8_MAX, U64_MAX } };
	struct twostage_ahead *ahead = begin_mount(fs_info, fs_info->dev_root);
	unsigned int most = UINT_MAX;
	struct extent_buffer *node;

	if (!ahead)
		return NULL;
	node = btrfs_root_node(fs_info->dev_root);
	read_children(ahead, node, &all, &most);
	free_extent_buffer(node);
	note_started(ahead, 0);
	return ahead;
}

/* Returns NULL if there is no memory. The caller frees it. */
static struct target *list_chunks(struct btrfs_fs_info *fs_info, unsigned int *count)
{
	struct rb_node *first = rb_first_cached(twostage_chunk_map(fs_info)), *node;
	struct target *targets, *next;

	*count = 0;
	for (node = first; node; node = rb_next(node))
		++*count;
	targets = kvcalloc(*count, sizeof(*targets), GFP_KERNEL);
	if (!targets)
		return NULL;
	next = targets;
	for (node = first; node; node = rb_next(node))
		next++->start = twostage_chunk_start(node);
	return targets;
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
	struct search search = { .root = root, .range_of = block_group_item };
	struct twostage_ahead *ahead = begin_mount(fs_info, root);
	struct target *chunks;

	if (!ahead)
		return NULL;
	chunks = list_chunks(fs_info, &search.count);
	search.targets = chunks;
	if (chunks)
		read_levels(ahead, &search, 1);
	kvfree(chunks);
	note_started(ahead, 0);
	return ahead;
}

static bool extent_item(const struct target *extent, struct key_range *range)
{
	range->first = (struct btrfs_key){ extent->start, BTRFS_EXTENT_ITEM_KEY, extent->length };
	range->last = (struct btrfs_key){ extent->start, BTRFS_METADATA_ITEM_KEY, U64_MAX };
	return true;
}

static bool checksum_items(const struct target *extent, struct key_range *range)
{
	range->first.objectid = BTRFS_EXTENT_CSUM_OBJECTID;
	range->first.type = BTRFS_EXTENT_CSUM_KEY;
	range->first.offset = extent->start;
	range->last = range->first;
	range->last.offset += extent->length - 1;
	return extent->data && extent->freed;
}

/* And the free space on either side, which it may be merged with. */
static bool free_space_items(const struct target *target, struct key_range *range)
{
	range->first = (struct btrfs_key){ target->start, BTRFS_FREE_SPACE_INFO_KEY, 0 };
	range->last = (struct btrfs_key){ target->start + target->length,
					  BTRFS_FREE_SPACE_BITMAP_KEY, 0 };
	return true;
}

/* Of the first extent from there on. If it is near, it may still be in the next leaf. */
static bool next_extent_item(const struct target *place, struct key_range *range)
{
	range->first = (struct btrfs_key){ place->start, BTRFS_EXTENT_ITEM_KEY, 0 };
	range->last = range->first;
	range->last.objectid += SZ_64K;
	return true;
}

static bool cache_item(const struct target *block_group, struct key_range *range)
{
	range->first = (struct btrfs_key){ BTRFS_FREE_SPACE_OBJECTID, 0, block_group->start };
	range->last = range->first;
	return true;
}

static bool inode_items(const struct target *inode, struct key_range *range)
{
	range->first = (struct btrfs_key){ inode->start, BTRFS_INODE_ITEM_KEY, 0 };
	range->last = (struct btrfs_key){ inode->start, BTRFS_EXTENT_DATA_KEY, U64_MAX };
	return inode->start;
}

static bool cache_extent_item(const struct target *cache, struct key_range *range)
{
	return cache->start && extent_item(cache, range);
}

/* Have the delayed refs run from the lowest address. */
static void start_over(struct btrfs_trans_handle *trans)
{
	struct btrfs_delayed_ref_root *refs = &trans->transaction->delayed_refs;

	spin_lock(&refs->lock);
	refs->run_delayed_start = 0;
	spin_unlock(&refs->lock);
}

/* So many blocks, read ahead at once, take up a part of memory. */
static u64 room_in_memory(struct btrfs_fs_info *fs_info)
{
	return div_u64((u64)totalram_pages() << PAGE_SHIFT, PART_OF_MEMORY * fs_info->nodesize);
}

/* How many blocks btrfs may need for an extent. */
static u64 blocks_of(struct btrfs_fs_info *fs_info, const struct target *extent)
{
	u64 checksums = extent->length >> fs_info->sectorsize_bits;

	if (!extent->data || !extent->freed)
		checksums = 0;
	return 2 + div_u64(checksums * fs_info->csum_size, fs_info->nodesize);
}

/*
 * Lists the extents whose delayed refs are run next, as many as memory has room for what
 * they need, and at most @most. @from is an address below which the last list may have
 * begun, and is set so that this one did. btrfs goes up, and when it starts over with what
 * was queued meanwhile, or does not get on, nothing is listed.
 */
static unsigned int list_refs(struct btrfs_trans_handle *trans, struct target *extents,
			      unsigned int most, u64 *from)
{
	struct btrfs_delayed_ref_root *refs = &trans->transaction->delayed_refs;
	struct btrfs_fs_info *fs_info = trans->fs_info;
	struct btrfs_delayed_ref_head *head;
	unsigned int locked, count = 0;
	u64 start = READ_ONCE(refs->run_delayed_start);
	s64 room = room_in_memory(fs_info);

	if (start < *from)
		return 0;
	*from = start + 1;
	do {
		locked = 0;
		spin_lock(&refs->lock);
		head = twostage_delayed_refs_from(fs_info, refs, start);
		while (head && count < most && room > 0 && locked++ < MOST_LOCKED) {
			extents[count] = (struct target){
				.start = head->bytenr,
				.length = head->num_bytes,
				.data = head->is_data,
				.freed = head->total_ref_mod < 0,
			};
			start = head->bytenr + head->num_bytes;
			room -= blocks_of(fs_info, &extents[count++]);
			head = twostage_next_delayed_refs(fs_info, refs, head);
		}
		spin_unlock(&refs->lock);
		cond_resched();
	} while (locked > MOST_LOCKED);
	return count;
}

/*
 * Lists the block groups that are freed into and whose free space was not loaded yet, and
 * marks the extents that lie there.
 */
static unsigned int list_cold(struct btrfs_fs_info *fs_info, struct target *extents,
			      unsigned int count, struct target *cold)
{
	struct btrfs_block_group *block_group;
	unsigned int i, num_cold = 0;
	bool is_cold = false;
	u64 end = 0;

	for (i = 0; i < count; i++) {
		if (!extents[i].freed)
			continue;
		if (extents[i].start < end) {
			extents[i].cold = is_cold;
			continue;
		}
		block_group = btrfs_lookup_block_group(fs_info, extents[i].start);
		if (!block_group)
			continue;
		end = block_group->start + block_group->length;
		is_cold = READ_ONCE(block_group->cached) == BTRFS_CACHE_NO;
		extents[i].cold = is_cold;
		if (is_cold)
			cold[num_cold++] = (struct target){
				.start = block_group->start,
				.length = block_group->length,
				.cold = true,
				.block_group = block_group,
			};
		else
			btrfs_put_block_group(block_group);
	}
	return num_cold;
}

/*
 * Lists the places where btrfs will look for extents of cold block groups, to see which size
 * they have. The caller frees them.
 */
static struct target *list_places(struct btrfs_fs_info *fs_info, const struct target *cold,
				  unsigned int num_cold, unsigned int *count)
{
	const u64 most = min_t(u64, num_cold * TWOSTAGE_SIZE_PLACES, room_in_memory(fs_info));
	struct target *places = kvcalloc(most, sizeof(*places), GFP_NOFS);
	unsigned int i, j;
	u64 step;

	*count = 0;
	for (i = 0; places && i < num_cold; i++) {
		if (!twostage_has_size_class(cold[i].block_group))
			continue;
		step = div_u64(cold[i].length, TWOSTAGE_SIZE_PLACES);
		for (j = 0; j < TWOSTAGE_SIZE_PLACES && *count < most; j++)
			places[(*count)++] = (struct target){
				.start = cold[i].start + j * step,
				.cold = true,
			};
	}
	return places;
}

/* Returns the inode number of a block group's cache, or 0. */
static u64 find_cache(struct twostage_ahead *ahead, u64 start)
{
	const struct btrfs_key key = { BTRFS_FREE_SPACE_OBJECTID, 0, start };
	struct btrfs_path *path = ahead->path;
	struct btrfs_free_space_header *header;
	struct btrfs_disk_key location;
	u64 inode = 0;

	path->lowest_level = 0;
	if (!btrfs_search_slot(NULL, ahead->fs_info->tree_root, &key, path, 0, 0)) {
		header = btrfs_item_ptr(path->nodes[0], path->slots[0],
					struct btrfs_free_space_header);
		btrfs_free_space_key(path->nodes[0], header, &location);
		inode = btrfs_disk_key_objectid(&location);
	}
	btrfs_release_path(path);
	return inode;
}

/* Replaces the inode number of a cache by its first extent, or by 0. */
static void find_cache_extent(struct twostage_ahead *ahead, struct target *cache)
{
	const struct btrfs_key key = { cache->start, BTRFS_EXTENT_DATA_KEY, 0 };
	struct btrfs_path *path = ahead->path;
	struct btrfs_file_extent_item *item;
	struct extent_buffer *leaf;

	cache->start = 0;
	path->lowest_level = 0;
	if (btrfs_search_slot(NULL, ahead->fs_info->tree_root, &key, path, 0, 0))
		goto out;
	leaf = path->nodes[0];
	item = btrfs_item_ptr(leaf, path->slots[0], struct btrfs_file_extent_item);
	/* No cache has one, but a forged filesystem may. */
	if (btrfs_file_extent_type(leaf, item) == BTRFS_FILE_EXTENT_INLINE)
		goto out;
	cache->start = btrfs_file_extent_disk_bytenr(leaf, item);
	cache->length = btrfs_file_extent_disk_num_bytes(leaf, item);
out:
	btrfs_release_path(path);
}

/*
 * Read the caches of block groups. The leaves that name them are on their way; next are
 * those with their inodes, and then the caches, with the items of their extents, since
 * the next caches free them. When enough caches are in flight, wait for the oldest before
 * the next is started; btrfs waits for the rest, as it needs them.
 */
static void read_caches(struct twostage_ahead *ahead, struct target *cold, unsigned int count)
{
	struct btrfs_fs_info *fs_info = ahead->fs_info;
	const struct search inodes = { fs_info->tree_root, cold, count, inode_items };
	const struct search extents = { btrfs_extent_root(fs_info, 0), cold, count,
					cache_extent_item };
	unsigned int i, oldest = 0;
	struct blk_plug plug;
	u64 bytes = 0;

	for (i = 0; i < count; i++)
		cold[i].start = find_cache(ahead, cold[i].start);
	read_levels(ahead, &inodes, 1);
	for (i = 0; i < count; i++)
		find_cache_extent(ahead, &cold[i]);
	read_levels(ahead, &extents, 1);

	blk_start_plug(&plug);
	for (i = 0; i < count; i++) {
		cold[i].length = twostage_read_cache_ahead(cold[i].block_group);
		if (cold[i].length)
			ahead->read.num_caches++;
		bytes += cold[i].length;
		for (; bytes > MOST_CACHE_BYTES; oldest++) {
			btrfs_cache_block_group(cold[oldest].block_group, true);
			bytes -= cold[oldest].length;
		}
	}
	blk_finish_plug(&plug);
}

/* A remount may delete the tree meanwhile. Returns NULL if there is none. */
static struct btrfs_root *grab_free_space_root(struct btrfs_fs_info *fs_info)
{
	struct btrfs_key key = { BTRFS_FREE_SPACE_TREE_OBJECTID, BTRFS_ROOT_ITEM_KEY, 0 };

	if (!btrfs_fs_compat_ro(fs_info, FREE_SPACE_TREE))
		return NULL;
	return btrfs_grab_root(btrfs_global_root(fs_info, &key));
}

/* What the extents need, and the free space of cold block groups, which are listed here. */
static void read_refs(struct twostage_ahead *ahead, struct target *extents,
		      unsigned int count, struct target *cold)
{
	struct btrfs_fs_info *fs_info = ahead->fs_info;
	struct btrfs_root *extent_root = btrfs_extent_root(fs_info, 0);
	struct btrfs_root *free_space_root = grab_free_space_root(fs_info);
	const bool has_caches = btrfs_test_opt(fs_info, SPACE_CACHE);
	unsigned int num_cold = list_cold(fs_info, extents, count, cold), num_places;
	struct target *places = list_places(fs_info, cold, num_cold, &num_places);
	const struct search searches[] = {
		{ extent_root, extents, count, extent_item },
		{ extent_root, places, num_places, next_extent_item },
		{ btrfs_csum_root(fs_info, 0), extents, count, checksum_items },
		{ has_caches ? fs_info->tree_root : NULL, cold, num_cold, cache_item },
		{ free_space_root, extents, count, free_space_items },
		{ free_space_root, cold, num_cold, free_space_items },
	};

	if (!read_levels(ahead, searches, ARRAY_SIZE(searches)) && has_caches)
		read_caches(ahead, cold, num_cold);
	while (num_cold)
		btrfs_put_block_group(cold[--num_cold].block_group);
	btrfs_put_root(free_space_root);
	kvfree(places);
}

static bool next_commit_reads_ahead(struct btrfs_fs_info *fs_info)
{
	struct twostage_mount *mount = twostage_mount_find(fs_info);
	bool ret;

	if (!mount)
		return twostage_default_read_ahead();
	spin_lock(&mount->lock);
	ret = twostage_policy_reads_ahead(&mount->configured);
	spin_unlock(&mount->lock);
	return ret;
}

/*
 * Runs the delayed refs from the lowest address up, reading ahead for them. What is read ahead
 * takes a part of memory, and these refs are run before the next. A sweep ends with its first
 * list if that is in memory, or else with as many extents as were queued when it began. @cold
 * is whether anything had to be read.
 */
static int run_sweep(struct btrfs_trans_handle *trans, struct target *targets, unsigned int most,
		     bool *cold)
{
	unsigned long left = READ_ONCE(trans->transaction->delayed_refs.num_heads);
	struct twostage_ahead *ahead;
	unsigned int count;
	u64 from = 0;
	int ret = 0;

	*cold = false;
	start_over(trans);
	do {
		ahead = begin(trans->fs_info, TWOSTAGE_READ_REFS);
		if (!ahead)
			break;
		count = list_refs(trans, targets, min_t(unsigned long, most, left), &from);
		left -= count;
		read_refs(ahead, targets, count, targets + most);
		note_started(ahead, trans->transid);
		*cold |= ahead->count;
		if (count && *cold)
			ret = twostage_run_first_delayed_refs(trans, count);
		twostage_read_ahead_end(ahead);
	} while (count && *cold && !ret);
	return ret;
}

/**
 * twostage_run_delayed_refs - run the delayed refs queued so far, reading ahead for them
 * @trans: a commit that has not entered its critical section
 *
 * If anything had to be read, there is a second sweep, for what running these has queued: refs
 * of the tree blocks that were replaced, whose items may not be in memory either.
 *
 * Return: 0, or a negative errno with which the transaction was aborted.
 */
int twostage_run_delayed_refs(struct btrfs_trans_handle *trans)
{
	const unsigned long queued = READ_ONCE(trans->transaction->delayed_refs.num_heads);
	const unsigned int most = clamp_t(unsigned long, queued, MOST_LOCKED, MOST_REFS);
	struct target *targets = NULL;
	bool cold = false;
	int ret = 0;

	/* While a free space tree is made, no delayed refs are run. */
	if (queued && next_commit_reads_ahead(trans->fs_info) &&
	    !test_bit(BTRFS_FS_CREATING_FREE_SPACE_TREE, &trans->fs_info->flags))
		targets = kvmalloc_array(2 * most, sizeof(*targets), GFP_NOFS);
	if (targets)
		ret = run_sweep(trans, targets, most, &cold);
	if (cold && !ret)
		ret = run_sweep(trans, targets, most, &cold);
	if (!ret)
		ret = twostage_run_some_delayed_refs(trans);
	kvfree(targets);
	return ret;
}

/* The caller frees them. */
static struct target *list_dirty(struct btrfs_transaction *transaction, unsigned int most,
				 unsigned int *count)
{
	struct target *targets = kvcalloc(most, sizeof(*targets), GFP_NOFS);
	struct btrfs_block_group *block_group;

	*count = 0;
	spin_lock(&transaction->dirty_bgs_lock);
	list_for_each_entry(block_group, &transaction->dirty_bgs, dirty_list) {
		if (!targets || *count == most)
			break;
		targets[(*count)++].start = block_group->start;
	}
	spin_unlock(&transaction->dirty_bgs_lock);
	return targets;
}

/**
 * twostage_read_ahead_dirty - read ahead the items of dirty block groups
 * @trans: the commit
 * @mount: the filesystem's state
 * @root: the tree that has these items
 * @dirty: how many block groups are dirty
 *
 * Return: for twostage_read_ahead_end(); may be NULL.
 */
struct twostage_ahead *twostage_read_ahead_dirty(struct btrfs_trans_handle *trans,
						 struct twostage_mount *mount,
						 struct btrfs_root *root, unsigned int dirty)
{
	struct search search = { .root = root, .range_of = block_group_item };
	struct twostage_ahead *ahead;
	struct target *targets;

	if (!dirty || !twostage_policy_reads_ahead(&mount->active))
		return NULL;
	ahead = begin(trans->fs_info, TWOSTAGE_READ_PASS);
	if (!ahead)
		return NULL;
	targets = list_dirty(trans->transaction, dirty, &search.count);
	search.targets = targets;
	read_levels(ahead, &search, 1);
	kvfree(targets);
	note_started(ahead, trans->transid);
	return ahead;
}

/**
 * twostage_read_ahead_extents - read ahead the extent items of a block group
 * @block_group: the block group
 * @and_on: if they are not in memory, read ahead those behind them as well; the caller
 *	holds a transaction open
 *
 * Context: the caller holds commit_root_sem, and reads the last commit's extent tree, as
 * whoever scans a block group for free space does. May sleep.
 *
 * Return: for twostage_read_ahead_end(); may be NULL.
 */
struct twostage_ahead *twostage_read_ahead_extents(struct btrfs_block_group *block_group,
						   bool and_on)
{
	struct btrfs_fs_info *fs_info = block_group->fs_info;
	struct btrfs_root *root = btrfs_extent_root(fs_info, 0);
	struct twostage_ahead *ahead = NULL;
	unsigned int most = MOST_IN_FLIGHT;
	struct key_range range = {
		.first = { block_group->start, 0, 0 },
		.last = { block_group->start + block_group->length, 0, 0 },
	};

	if (root && next_commit_reads_ahead(fs_info))
		ahead = begin(fs_info, TWOSTAGE_READ_SCAN);
	if (!ahead)
		return NULL;
	if (!and_on)
		ahead->depth = MOST_UNDER_LOCK;
	read_children(ahead, root->commit_root, &range, &most);
	if (and_on && ahead->count) {
		range.last.objectid = U64_MAX;
		read_children(ahead, root->commit_root, &range, &most);
	}
	note_started(ahead, 0);
	/*
	 * Without a transaction, the caller may let go of the lock while it scans. A commit
	 * then frees what only the old tree had, and a late read would overwrite what comes
	 * there.
	 */
	if (!and_on)
		make_room(ahead, 0);
	return ahead;
}
