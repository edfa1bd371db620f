/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the workload knows about a filesystem, and which files it truncates.
 *
 * Nothing here talks to a kernel, so that every rule can be tested anywhere:
 *
 * - A file belongs to a block group when all of its extents lie inside it.
 *   One that straddles two, or has no extents, belongs to none.
 * - Only data block groups that are long enough to have a cache count.
 * - A selection has one file for each block group, and never two.
 * - The first file of each of the first block groups is chosen.
 *
 * Errors are negative errnos; the texts are the caller's.
 */
#ifndef WORKLOAD_PLAN_H
#define WORKLOAD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel writes no cache for a block group that is shorter. */
#define WORKLOAD_CACHED_LENGTH	(100ULL << 20)
/* What a file's size is rounded down to. */
#define WORKLOAD_GRANULE	(64ULL << 10)
/* The longest piece of a file that is allocated at once. */
#define WORKLOAD_EXTENT_MAX	(128ULL << 20)

#define WORKLOAD_NOWHERE	SIZE_MAX

struct workload_block_group {
	uint64_t start;
	uint64_t length;
	uint64_t flags;		/* BTRFS_BLOCK_GROUP_* */
	uint64_t files;		/* of ours, entirely inside */
	uint64_t fragments;	/* see workload-comb.h */
};

struct workload_file {
	uint64_t number;	/* its name */
	uint64_t inode;
	uint64_t size;
	uint64_t low;		/* where its lowest extent starts */
	uint64_t high;		/* where its highest extent ends */
	uint64_t bytes;		/* that its extents take */
	size_t block_group;	/* an index, or WORKLOAD_NOWHERE */
};

struct workload_plan {
	struct workload_block_group *block_groups;	/* by start */
	size_t num_block_groups;
	struct workload_file *files;
	size_t num_files;
	size_t block_group_space;
	size_t file_space;
};

struct workload_selection {
	size_t *files;		/* indices into the plan's files */
	size_t count;
	size_t available;	/* block groups that have a file left */
};

int workload_make_room(void *array, size_t used, size_t *space, size_t size);

bool workload_block_group_counts(const struct workload_block_group *group);
uint64_t workload_file_size(uint64_t block_group_length, uint64_t files,
			    uint64_t kept);
uint64_t workload_piece_size(uint64_t file_size);

int workload_plan_add_block_group(struct workload_plan *plan, uint64_t start,
				  uint64_t length, uint64_t flags);
struct workload_file *workload_plan_add_file(struct workload_plan *plan,
					     uint64_t number, uint64_t inode);
int workload_file_add_extent(struct workload_file *file, uint64_t start,
			     uint64_t length);
void workload_plan_drop_files_from(struct workload_plan *plan, uint64_t inode);
int workload_plan_map(struct workload_plan *plan);
size_t workload_plan_find(const struct workload_plan *plan, uint64_t address);
size_t workload_plan_count_full(const struct workload_plan *plan,
				uint64_t files);
size_t workload_plan_count_data(const struct workload_plan *plan);
uint64_t workload_plan_longest(const struct workload_plan *plan);
size_t workload_plan_files_left(const struct workload_plan *plan);
void workload_plan_free(struct workload_plan *plan);

int workload_select(const struct workload_plan *plan,
		    size_t count,
		    struct workload_selection *selection);
int workload_selection_check(const struct workload_plan *plan,
			     const struct workload_selection *selection);
void workload_selection_free(struct workload_selection *selection);

#endif /* WORKLOAD_PLAN_H */
