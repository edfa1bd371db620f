/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel and of btrfs as src/writeout.c, src/cache-file.c and
 * src/policy.c see, for user space. writeout.mk makes a header of each name that
 * they include, with this file in it.
 *
 * Names as in the kernel; what is behind them is in the tests. writeout-mock.c has
 * what the engine calls: it plays the other tasks, fails as told, and stops the test
 * when a rule is broken. A list knows its purpose, so that a change or a look without
 * the lock that protects it is found even where nobody raced. cache-file-test.c has
 * what cache-file.c calls.
 */
#ifndef MOCK_H
#define MOCK_H

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What tools/dkms/probe would find here. */
#define TWOSTAGE_HAS_BG_UPDATES_RSV 0
#define TWOSTAGE_HAS_CTREE_EXTENT 1
#define TWOSTAGE_HAS_CTREE_SCRUB 1
#define TWOSTAGE_HAS_UPDATE_INODE_ROOT 0

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define PAGE_SIZE 4096UL

/* Text: accepted and refused as the kernel does */

static inline int kstrtouint(const char *text, unsigned int base,
			     unsigned int *result)
{
	unsigned long long value;
	char *end;

	if (!isdigit(text[*text == '+']))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, (int)base);
	if (strcmp(end, "") && strcmp(end, "\n"))
		return -EINVAL;
	if (errno || value > UINT_MAX)
		return -ERANGE;
	*result = (unsigned int)value;
	return 0;
}

/* Either may have one newline at its end. */
static inline bool sysfs_streq(const char *one, const char *other)
{
	while (*one && *one == *other) {
		one++;
		other++;
	}
	return !strcmp(one, other) || (!*one && !strcmp(other, "\n")) ||
	       (!*other && !strcmp(one, "\n"));
}

/* Atomics: one thread runs everything, so plain integers do. */

typedef struct { int value; } atomic_t;
typedef struct { s64 value; } atomic64_t;

static inline int atomic_read(const atomic_t *atomic)
{
	return atomic->value;
}

static inline void atomic64_add(s64 amount, atomic64_t *atomic)
{
	atomic->value += amount;
}

/* What is submitted while a plug is in, goes to the device when it is out. */

struct blk_plug { bool in; };

void blk_start_plug(struct blk_plug *plug);
void blk_finish_plug(struct blk_plug *plug);

/* Lists */

enum mock_list_kind {
	MOCK_LIST_LOCAL,	/* a head on the stack: dirty block groups */
	MOCK_LIST_DIRTY_HEAD,
	MOCK_LIST_DIRTY,
	MOCK_LIST_IO_HEAD,
	MOCK_LIST_IO,
};

struct list_head {
	struct list_head *next, *prev;
	enum mock_list_kind kind;
};

#define LIST_HEAD(name) \
	struct list_head name = { &(name), &(name), MOCK_LIST_LOCAL }

bool list_empty(const struct list_head *head);
void list_add_tail(struct list_head *entry, struct list_head *head);
void list_del_init(struct list_head *entry);
void list_splice_init(struct list_head *from, struct list_head *to);

/* The neighbour, or a broken rule if there is none or no lock is held. */
struct list_head *mock_list_first(const struct list_head *head);
struct list_head *mock_list_next(const struct list_head *position);

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))
#define list_first_entry(head, type, member) \
	container_of(mock_list_first(head), type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))
#define mock_entry_after(node, position, member) \
	container_of(mock_list_next(node), typeof(*position), member)
#define list_for_each_entry(position, head, member)			\
	for (position = mock_entry_after(head, position, member);	\
	     &position->member != (head);				\
	     position = mock_entry_after(&position->member, position, member))

/* The body may take off @position, and nobody anything else. */
#define list_for_each_entry_safe(position, following, head, member)	\
	for (position = mock_entry_after(head, position, member);	\
	     &position->member != (head) &&				\
	     (following = mock_entry_after(&position->member, position, member), true); \
	     position = following)

struct hlist_node { struct hlist_node *next; };

/* Locks and waiting */

typedef struct { bool held; } spinlock_t;
struct mutex { bool held; };
struct rb_root { int unused; };
typedef struct { int unused; } wait_queue_head_t;

void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);
void mock_wait_begin(void);
void mock_wait_step(void);

#define wait_event(queue, condition)					\
	do {								\
		(void)(queue);						\
		for (mock_wait_begin(); !(condition); mock_wait_step()) \
			;						\
	} while (0)

typedef struct { int unused; } seqlock_t;
struct completion { int unused; };
struct kobject { int unused; };

/* Errors in pointers, bits */

#define ERR_PTR(error)		((void *)(intptr_t)(error))
#define PTR_ERR(pointer)	((long)(intptr_t)(pointer))
#define IS_ERR(pointer)		((uintptr_t)(pointer) >= (uintptr_t)-4095)

/* btrfs */

#define SZ_1M			(1024 * 1024)
#define BTRFS_I(inode)		(inode)
#define i_size_read(inode)	((inode)->size)
#define inode_get_bytes(inode)	((u64)(inode)->bytes)
#define inode_sub_bytes(inode, count)	((void)((inode)->bytes -= (count)))
#define btrfs_test_opt(fs_info, option)	((fs_info)->option)
#define READ_ONCE(x)		(x)
#define TRANS_ABORTED(trans)	((trans)->transaction->aborted)

enum { BTRFS_CACHE_STARTED, BTRFS_CACHE_FINISHED };

enum btrfs_disk_cache_state {
	BTRFS_DC_WRITTEN,
	BTRFS_DC_ERROR,
	BTRFS_DC_CLEAR,
	BTRFS_DC_SETUP,
};

typedef int64_t loff_t;
struct extent_changeset;
struct inode { loff_t size; loff_t bytes; u64 generation; };
struct btrfs_path { int unused; };
struct btrfs_block_rsv { int unused; };
struct btrfs_ordered_extent { int unused; };
struct btrfs_free_space_entry {
	u64 offset;
	u64 bytes;
	u8 type;
} __attribute__((packed));
struct btrfs_fs_info {
	struct btrfs_block_rsv global_block_rsv;
	struct { int nodes; } delayed_root;
	bool SPACE_CACHE;
};

/* Where the item of a block group is, or who will insert it. */
enum mock_item {
	MOCK_ITEM_PRESENT,
	MOCK_ITEM_OURS,		/* our next delayed refs run inserts it */
	MOCK_ITEM_JOINER,	/* inserted before the critical section */
	MOCK_ITEM_WORKER,	/* inserted when the worker ends */
	MOCK_ITEM_NEVER,
};

struct btrfs_block_group {
	spinlock_t lock;
	struct btrfs_fs_info *fs_info;
	u64 start;
	u64 length;
	u64 reserved;		/* none in the critical section */
	u64 cache_generation;
	bool ro;
	int cached;
	int disk_cache_state;
	struct { struct inode *inode; } io_ctl;
	struct list_head dirty_list;
	struct list_head io_list;

	/* What follows is the mock's own. */
	char name;
	struct inode inode;
	int references;
	enum mock_item item;
	bool taken;		/* off the dirty list, its item not done yet */
	bool in_flight;
	bool whole_file;	/* for the rest of the transaction */
	bool outgrown;		/* there is no room in another file */
	bool missed;		/* the last look for the item found none */
	u64 set_up_at;		/* sequence numbers */
	u64 tried_at;
	u64 missed_at;
	int used;		/* grows whenever it is dirtied */
	int item_used;		/* what its item says */
	int cache_used;		/* what its cache file says */
	bool cache_valid;
};

struct btrfs_transaction {
	struct mutex cache_write_mutex;
	spinlock_t dirty_bgs_lock;
	struct list_head dirty_bgs;
	struct list_head io_bgs;
	wait_queue_head_t writer_wait;
	atomic_t num_writers;
	int aborted;
};

struct btrfs_trans_handle {
	struct btrfs_fs_info *fs_info;
	struct btrfs_transaction *transaction;
	u64 transid;
};

struct btrfs_path *btrfs_alloc_path(void);
void btrfs_free_path(struct btrfs_path *path);
void btrfs_get_block_group(struct btrfs_block_group *block_group);
void btrfs_put_block_group(struct btrfs_block_group *block_group);
void btrfs_create_pending_block_groups(struct btrfs_trans_handle *trans);
int btrfs_run_delayed_items_nr(struct btrfs_trans_handle *trans, int nr);
int btrfs_run_delayed_refs(struct btrfs_trans_handle *trans,
			   unsigned long count);
void btrfs_delayed_refs_rsv_release(struct btrfs_fs_info *fs_info, int count);
int btrfs_write_out_cache(struct btrfs_trans_handle *trans,
			  struct btrfs_block_group *block_group,
			  struct btrfs_path *path);
int btrfs_wait_cache_io(struct btrfs_trans_handle *trans,
			struct btrfs_block_group *block_group,
			struct btrfs_path *path);
void btrfs_cleanup_dirty_bgs(struct btrfs_transaction *transaction,
			     struct btrfs_fs_info *fs_info);
void btrfs_abort_transaction(struct btrfs_trans_handle *trans, int error);

struct btrfs_ordered_extent *
btrfs_lookup_ordered_range(struct inode *inode, u64 file_offset, u64 length);
void btrfs_put_ordered_extent(struct btrfs_ordered_extent *extent);
struct inode *lookup_free_space_inode(struct btrfs_block_group *block_group,
				      struct btrfs_path *path);
int create_free_space_inode(struct btrfs_trans_handle *trans,
			    struct btrfs_block_group *block_group,
			    struct btrfs_path *path);
int btrfs_update_inode(struct btrfs_trans_handle *trans, struct inode *inode);
int btrfs_check_trunc_cache_free_space(struct btrfs_fs_info *fs_info,
				       struct btrfs_block_rsv *reservation);
int btrfs_truncate_free_space_cache(struct btrfs_trans_handle *trans,
				    struct btrfs_block_group *block_group,
				    struct inode *inode);
int btrfs_check_data_free_space(struct inode *inode,
				struct extent_changeset **reserved, u64 start,
				u64 length, bool noflush);
int btrfs_prealloc_file_range_trans(struct inode *inode,
				    struct btrfs_trans_handle *trans, int mode,
				    u64 start, u64 num_bytes, u64 min_size,
				    loff_t actual_len, u64 *alloc_hint);
void extent_changeset_free(struct extent_changeset *changeset);
void btrfs_release_path(struct btrfs_path *path);
void iput(struct inode *inode);
void btrfs_err(struct btrfs_fs_info *fs_info, const char *format, ...);

#endif /* MOCK_H */
