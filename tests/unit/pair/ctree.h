/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of btrfs as src/pair.c sees, for user space: a tree of one leaf, whose
 * items can be looked at without an encoding. What pair.c calls is in pair-test.c.
 */
#ifndef PAIR_CTREE_H
#define PAIR_CTREE_H

#include <linux/types.h>

typedef int64_t loff_t;

#define READ_ONCE(value)		(value)
#define BTRFS_EXTENT_DATA_KEY		108
#define BTRFS_FILE_EXTENT_INLINE	0
#define BTRFS_FILE_EXTENT_REG		1
#define BTRFS_FILE_EXTENT_PREALLOC	2
#define MOST_ITEMS			8

struct btrfs_key {
	u64 objectid;
	u8 type;
	u64 offset;
};

struct btrfs_file_extent_item {
	u64 generation;
	u64 ram_bytes;
	u8 type;
	u64 disk_bytenr;
	u64 disk_num_bytes;
	u64 offset;
	u64 num_bytes;
};

struct extent_buffer {
	int nritems;
	struct btrfs_key keys[MOST_ITEMS];
	struct btrfs_file_extent_item items[MOST_ITEMS];
};

struct btrfs_path {
	struct extent_buffer *nodes[1];
	int slots[1];
};

struct btrfs_root { int unused; };
struct btrfs_block_group { int ro; int references; };
struct btrfs_fs_info { u32 sectorsize; u64 last_trans_committed; };
struct btrfs_trans_handle { struct btrfs_fs_info *fs_info; u64 transid; };

struct inode { loff_t size; };
struct btrfs_inode { struct inode vfs_inode; struct btrfs_root *root; u64 number; };

#define BTRFS_I(inode)			((struct btrfs_inode *)(inode))
#define i_size_read(inode)		((inode)->size)
#define btrfs_ino(inode)		((inode)->number)
#define btrfs_header_nritems(leaf)	((leaf)->nritems)
#define btrfs_item_ptr(leaf, slot, type) \
	((struct btrfs_file_extent_item *)&(leaf)->items[slot])
#define btrfs_item_key_to_cpu(leaf, key, slot) (*(key) = (leaf)->keys[slot])

#define FIELD(name)							\
static inline u64 btrfs_file_extent_##name(const struct extent_buffer *leaf, \
		const struct btrfs_file_extent_item *item)		\
{									\
	return item->name;						\
}									\
static inline void btrfs_set_file_extent_##name(struct extent_buffer *leaf, \
		struct btrfs_file_extent_item *item, u64 value)		\
{									\
	item->name = value;						\
}									\
static inline void btrfs_set_stack_file_extent_##name(			\
		struct btrfs_file_extent_item *item, u64 value)		\
{									\
	item->name = value;						\
}
FIELD(generation)
FIELD(ram_bytes)
FIELD(type)
FIELD(disk_bytenr)
FIELD(disk_num_bytes)
FIELD(offset)
FIELD(num_bytes)

int btrfs_comp_cpu_keys(const struct btrfs_key *one, const struct btrfs_key *other);
int btrfs_search_slot(struct btrfs_trans_handle *trans, struct btrfs_root *root,
		      const struct btrfs_key *key, struct btrfs_path *path,
		      int ins_len, int cow);
void btrfs_release_path(struct btrfs_path *path);
struct btrfs_block_group *btrfs_lookup_block_group(struct btrfs_fs_info *fs_info,
						   u64 bytenr);
void btrfs_put_block_group(struct btrfs_block_group *block_group);
void btrfs_drop_extent_map_range(struct btrfs_inode *inode, u64 start, u64 end,
				 bool skip_pinned);
int btrfs_alloc_data_chunk_ondemand(struct btrfs_inode *inode, u64 bytes);
int btrfs_reserve_extent(struct btrfs_root *root, u64 ram_bytes, u64 num_bytes,
			 u64 min_alloc_size, u64 empty_size, u64 hint,
			 struct btrfs_key *extent, int is_data, int delalloc);
void btrfs_free_reserved_data_space(struct btrfs_inode *inode, void *reserved,
				    u64 start, u64 length);
int btrfs_free_reserved_extent(struct btrfs_fs_info *fs_info, u64 start, u64 length,
			       int delalloc);
void btrfs_dec_block_group_reservations(struct btrfs_fs_info *fs_info, u64 start);
void btrfs_abort_transaction(struct btrfs_trans_handle *trans, int error);

#endif /* PAIR_CTREE_H */
