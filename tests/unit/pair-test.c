// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of cache files with two extents: the real src/pair.c, in user space.
 *
 * To swap wrongly is to write over the cache that a crash brings back, or to have
 * a file refer to what is not its own. So what is swapped is one layout, and each
 * way to be off it by a little, or to be too early, is refused with nothing changed.
 *
 * test: limit=120
 */
#include <string.h>

#include <linux/errno.h>

#include "pair.c"
#include "tap.h"

#define SIZE		8192
#define SECTOR		4096
#define LENGTH		(SIZE + SECTOR)
#define INODE		256
#define HERE		100000
#define THERE		200000
#define COMMITTED	41
#define OTHER_SIZE	(2 * SIZE)

static struct btrfs_fs_info fs_info;
static struct btrfs_root root;
static struct btrfs_trans_handle trans = { .fs_info = &fs_info, .transid = 43 };
static struct btrfs_inode inode;
static struct extent_buffer leaf;
static struct btrfs_path path;
static struct btrfs_block_group groups[2];

static struct {
	int search;		/* what the search returns */
	int on_demand, reserve, insert;
	u64 read_only;		/* an address in a read-only block group */
	u64 nowhere;		/* an address in no block group */
	bool path_held;
	bool cow;
	int dropped_maps;
	u64 may_use, reserved;
	int reservations;	/* of block groups, for what is not inserted yet */
	int aborted;
	u64 inserted_at;
	struct btrfs_file_extent_item inserted;
} mock;

int btrfs_comp_cpu_keys(const struct btrfs_key *one, const struct btrfs_key *other)
{
	return one->objectid != other->objectid || one->type != other->type ||
	       one->offset != other->offset;
}

int btrfs_search_slot(struct btrfs_trans_handle *handle, struct btrfs_root *in,
		      const struct btrfs_key *key, struct btrfs_path *found,
		      int ins_len, int cow)
{
	mock.path_held = true;
	mock.cow = handle == &trans && cow == 1 && ins_len == 0;
	if (mock.search)
		return mock.search;
	found->nodes[0] = &leaf;
	for (found->slots[0] = 0; found->slots[0] < leaf.nritems; found->slots[0]++)
		if (!btrfs_comp_cpu_keys(&leaf.keys[found->slots[0]], key))
			return 0;
	return 1;
}

void btrfs_release_path(struct btrfs_path *held)
{
	mock.path_held = false;
}

struct btrfs_block_group *btrfs_lookup_block_group(struct btrfs_fs_info *of,
						   u64 bytenr)
{
	struct btrfs_block_group *group = &groups[bytenr == mock.read_only];

	if (bytenr == mock.nowhere)
		return NULL;
	group->references++;
	return group;
}

void btrfs_put_block_group(struct btrfs_block_group *group)
{
	group->references--;
}

void btrfs_drop_extent_map_range(struct btrfs_inode *of, u64 start, u64 end,
				 bool skip_pinned)
{
	mock.dropped_maps += start == 0 && end == (u64)-1 && !skip_pinned;
}

int btrfs_alloc_data_chunk_ondemand(struct btrfs_inode *of, u64 bytes)
{
	if (!mock.on_demand)
		mock.may_use += bytes;
	return mock.on_demand;
}

int btrfs_reserve_extent(struct btrfs_root *in, u64 ram_bytes, u64 num_bytes,
			 u64 min_alloc_size, u64 empty_size, u64 hint,
			 struct btrfs_key *extent, int is_data, int delalloc)
{
	if (mock.reserve)
		return mock.reserve;
	mock.may_use -= ram_bytes;
	mock.reserved += min_alloc_size;
	mock.reservations++;
	extent->objectid = THERE;
	extent->offset = num_bytes;
	return 0;
}

void btrfs_free_reserved_data_space(struct btrfs_inode *of, void *reserved,
				    u64 start, u64 length)
{
	mock.may_use -= length;
}

int btrfs_free_reserved_extent(struct btrfs_fs_info *of, u64 start, u64 length,
			       int delalloc)
{
	mock.reserved -= start == THERE ? length : 0;
	return 0;
}

void btrfs_dec_block_group_reservations(struct btrfs_fs_info *of, u64 start)
{
	mock.reservations -= start == THERE;
}

void btrfs_abort_transaction(struct btrfs_trans_handle *handle, int error)
{
	mock.aborted = error;
}

int twostage_insert_extent(struct btrfs_trans_handle *handle,
			   struct btrfs_inode *into, u64 position,
			   struct btrfs_file_extent_item *item)
{
	if (mock.insert)
		return mock.insert;
	mock.inserted_at = position;
	mock.inserted = *item;
	mock.reserved -= item->disk_num_bytes;
	return 0;
}

static void add_item(u64 number, u64 position, u64 bytenr, u64 num_bytes, u8 type)
{
	leaf.keys[leaf.nritems] = (struct btrfs_key){ number,
		BTRFS_EXTENT_DATA_KEY, position };
	leaf.items[leaf.nritems++] = (struct btrfs_file_extent_item){
		.generation = COMMITTED, .type = type,
		.disk_bytenr = bytenr, .disk_num_bytes = LENGTH,
		.ram_bytes = LENGTH, .offset = position, .num_bytes = num_bytes };
}

static void begin(void)
{
	memset(&mock, 0, sizeof(mock));
	memset(&leaf, 0, sizeof(leaf));
	memset(&groups, 0, sizeof(groups));
	groups[1].ro = 1;
	fs_info = (struct btrfs_fs_info){ SECTOR, COMMITTED };
	inode = (struct btrfs_inode){ { SIZE }, &root, INODE };
	add_item(INODE - 1, 0, 1, SIZE, BTRFS_FILE_EXTENT_REG);
	add_item(INODE, 0, HERE, SIZE, BTRFS_FILE_EXTENT_REG);
	add_item(INODE, SIZE, THERE, SECTOR, BTRFS_FILE_EXTENT_PREALLOC);
	add_item(INODE + 1, 0, 2, SIZE, BTRFS_FILE_EXTENT_REG);
}

static bool is_at(int slot, u64 bytenr, u64 position, u64 num_bytes)
{
	const struct btrfs_file_extent_item *item = &leaf.items[slot];

	return item->disk_bytenr == bytenr && item->offset == position &&
	       item->num_bytes == num_bytes && item->disk_num_bytes == LENGTH &&
	       item->generation == trans.transid &&
	       item->type == BTRFS_FILE_EXTENT_PREALLOC;
}

static bool nothing_is_held(void)
{
	return !mock.path_held && !groups[0].references && !groups[1].references;
}

static void test_swap(void)
{
	struct extent_buffer before;

	begin();
	before = leaf;
	tap_result(twostage_swap_extents(&trans, &inode.vfs_inode, &path) &&
		   is_at(1, THERE, 0, SIZE) && is_at(2, HERE, SIZE, SECTOR) &&
		   mock.cow && mock.dropped_maps == 1 && nothing_is_held(),
		   "two extents change places, as if they had just been allocated");
	tap_result(!memcmp(&leaf.items[0], &before.items[0], sizeof(leaf.items[0])) &&
		   !memcmp(&leaf.items[3], &before.items[3], sizeof(leaf.items[3])) &&
		   !memcmp(leaf.keys, before.keys, sizeof(leaf.keys)),
		   "nothing else in the leaf changes");
	leaf.items[1].type = BTRFS_FILE_EXTENT_REG;
	tap_result(!twostage_swap_extents(&trans, &inode.vfs_inode, &path) &&
		   leaf.items[1].disk_bytenr == THERE,
		   "they do not change back in the same transaction");
	fs_info.last_trans_committed = trans.transid - 1;
	tap_result(!twostage_swap_extents(&trans, &inode.vfs_inode, &path),
		   "nor before that transaction is on the device");
	fs_info.last_trans_committed = trans.transid;
	tap_result(twostage_swap_extents(&trans, &inode.vfs_inode, &path) &&
		   leaf.items[1].disk_bytenr == HERE,
		   "they do when it is");
}

static void refused(const char *name)
{
	struct extent_buffer before = leaf;

	tap_result(!twostage_swap_extents(&trans, &inode.vfs_inode, &path) &&
		   !memcmp(&leaf, &before, sizeof(leaf)) && !mock.dropped_maps &&
		   nothing_is_held(), name);
}

#define REFUSED(change, name)		\
	do {				\
		begin();		\
		change;			\
		refused(name);		\
	} while (0)

static void test_refusals(void)
{
	REFUSED(mock.search = -EIO, "refused: the tree cannot be read");
	REFUSED(mock.search = 1, "refused: the file has no extent");
	REFUSED(leaf.nritems = 2, "refused: the leaf ends between the two");
	REFUSED(leaf.keys[2].objectid++, "refused: the next item is another file's");
	REFUSED(leaf.keys[2].type++, "refused: the next item is none of an extent");
	REFUSED(leaf.keys[2].offset += SECTOR, "refused: the next one is elsewhere");
	REFUSED(inode.vfs_inode.size = OTHER_SIZE, "refused: a file of another size");
	REFUSED(leaf.items[1].type = BTRFS_FILE_EXTENT_INLINE,
		"refused: the contents are in the tree");
	REFUSED(leaf.items[1].type = BTRFS_FILE_EXTENT_PREALLOC,
		"refused: the last cache was not written to its end");
	REFUSED(leaf.items[2].type = BTRFS_FILE_EXTENT_REG,
		"refused: somebody has written behind the end");
	REFUSED(leaf.items[1].disk_bytenr = 0, "refused: a hole");
	REFUSED(leaf.items[2].disk_bytenr = 0, "refused: a hole behind the end");
	REFUSED(leaf.items[1].disk_num_bytes = SIZE,
		"refused: an extent without a sector to spare");
	REFUSED(leaf.items[2].disk_num_bytes = OTHER_SIZE,
		"refused: another extent of another size");
	REFUSED(leaf.items[1].offset = SECTOR, "refused: a part of an extent");
	REFUSED(leaf.items[2].offset = 0, "refused: not the last sector of the other");
	REFUSED(leaf.items[1].num_bytes = SECTOR, "refused: not all of the file");
	REFUSED(leaf.items[2].num_bytes = LENGTH, "refused: more behind the end");
	REFUSED(leaf.items[2].disk_bytenr = HERE, "refused: one extent in two parts");
	REFUSED(mock.read_only = THERE, "refused: the other may not be written to");
	REFUSED(mock.nowhere = THERE, "refused: the other is in no block group");
	REFUSED(leaf.items[1].generation = COMMITTED + 1,
		"refused: what the file had last is not on the device yet");
}

static int second(void)
{
	leaf.nritems = 0;
	return twostage_add_second_extent(&trans, &inode.vfs_inode, 0);
}

static bool nothing_is_reserved(void)
{
	return !mock.may_use && !mock.reserved && !mock.reservations;
}

static void test_second(void)
{
	begin();
	tap_result(!second() && mock.inserted_at == SIZE &&
		   mock.inserted.disk_bytenr == THERE &&
		   mock.inserted.disk_num_bytes == LENGTH &&
		   mock.inserted.ram_bytes == LENGTH &&
		   mock.inserted.offset == SIZE && mock.inserted.num_bytes == SECTOR &&
		   mock.inserted.type == BTRFS_FILE_EXTENT_PREALLOC &&
		   mock.dropped_maps == 1 && nothing_is_reserved() && !mock.aborted,
		   "the second extent's last sector lies behind the end");
	begin();
	mock.on_demand = -ENOSPC;
	tap_result(!second() && !mock.inserted_at && nothing_is_reserved(),
		   "a file can do without one: no space is left");
	begin();
	mock.reserve = -ENOSPC;
	tap_result(!second() && !mock.inserted_at && nothing_is_reserved(),
		   "a file can do without one: no space is in one piece");
	begin();
	mock.insert = -ENOMEM;
	tap_result(second() == -ENOMEM && mock.aborted == -ENOMEM &&
		   nothing_is_reserved(),
		   "one that cannot be inserted aborts the transaction");
}

int main(void)
{
	tap_plan(31);
	test_swap();
	test_refusals();
	test_second();
	return tap_exit_status();
}
