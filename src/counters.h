/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, times and histograms of a mount, and what happens to its caches.
 *
 * The seams call these functions; the engine does not know of them. All values
 * are atomic: any task may change them.
 */
#ifndef TWOSTAGE_COUNTERS_OF_MODULE_H
#define TWOSTAGE_COUNTERS_OF_MODULE_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "twostage_counters.h"
#include "twostage_shared.h"

struct btrfs_block_group;
struct btrfs_inode;
struct btrfs_ordered_extent;
struct btrfs_trans_handle;
struct twostage_mount;

/* Powers of two; the last, 2^39 ns, is nine minutes. */
#define TWOSTAGE_NR_BUCKETS 40

/**
 * struct twostage_buckets - a histogram
 * @counts: number of values by their highest set bit, counted from 1; the first
 *	bucket is for 0, the last for everything larger as well
 * @sum: of all values
 */
struct twostage_buckets {
	atomic64_t counts[TWOSTAGE_NR_BUCKETS + 1];
	atomic64_t sum;
};

/**
 * struct twostage_times - how long a phase took, in nanoseconds
 * @total: all commits
 * @last: the last commit
 * @max: the longest since the mount or the last reset
 */
struct twostage_times {
	atomic64_t total;
	atomic64_t last;
	atomic64_t max;
};

/* All mounts since the module was loaded. */
extern atomic64_t twostage_totals[TWOSTAGE_NR_TOTALS];

/**
 * struct twostage_cache_file - a cache file, as events name it
 * @inode: inode number, 0 if there is none
 * @bytes: size
 */
struct twostage_cache_file {
	u64 inode;
	u64 bytes;
};

/**
 * struct twostage_read - what a task has begun to read ahead
 * @before: for what
 * @began: when it began, in nanoseconds of the monotonic clock
 * @num_blocks: tree blocks
 * @num_in_memory: tree blocks that need not be read
 * @num_caches: caches
 */
struct twostage_read {
	enum twostage_read_before before;
	u64 began;
	u32 num_blocks;
	u32 num_in_memory;
	u32 num_caches;
};

struct twostage_cache_file
twostage_cache_file(const struct btrfs_block_group *block_group);

void twostage_cache_set_up(struct btrfs_block_group *block_group);
void twostage_cache_outgrown(struct twostage_mount *mount);
void twostage_cache_put_off(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
			    const struct btrfs_block_group *block_group, u32 quiet);
void twostage_cache_invalidated(struct btrfs_trans_handle *trans,
				struct twostage_mount *mount,
				const struct btrfs_block_group *block_group);
void twostage_cache_settled(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
			    const struct btrfs_block_group *block_group, u32 quiet);
void twostage_block_used(struct twostage_mount *mount);
void twostage_read_started(struct btrfs_fs_info *fs_info, struct twostage_mount *mount,
			   u64 transid, const struct twostage_read *read);
void twostage_cache_started(struct btrfs_trans_handle *trans,
			    struct btrfs_block_group *block_group,
			    u64 began, int result);
void twostage_cache_waited(struct btrfs_trans_handle *trans,
			   struct btrfs_block_group *block_group,
			   const struct twostage_cache_file *file, u64 began,
			   bool redirtied, int result);
void twostage_cache_discarded(struct btrfs_block_group *block_group,
			      const struct twostage_cache_file *file);
void twostage_extent_completed(struct btrfs_inode *inode,
			       const struct btrfs_ordered_extent *extent);

#endif /* TWOSTAGE_COUNTERS_OF_MODULE_H */
