// SPDX-License-Identifier: GPL-2.0
/*
 * Which file lies in which block group, and which ones are truncated.
 *
 * The rules stand in workload-plan.h. Everything is linear in the number of
 * files but for a binary search for each: the plan is made anew before every
 * sample, in guests that run on an emulator.
 */
#include <errno.h>
#include <linux/btrfs_tree.h>
#include <stdlib.h>
#include <string.h>

#include "workload-plan.h"

/* A candidate that has been selected already. */
#define TAKEN	(WORKLOAD_NOWHERE - 1)

/**
 * workload_random - the next number of a reproducible sequence (splitmix64)
 * @state: the seed at first
 */
uint64_t workload_random(uint64_t *state)
{
	uint64_t mixed = *state += 0x9e3779b97f4a7c15ULL;

	mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
	mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
	return mixed ^ (mixed >> 31);
}

/**
 * workload_random_below - an unbiased number from 0 to @bound - 1
 * @state: as for workload_random()
 * @bound: not 0
 */
uint64_t workload_random_below(uint64_t *state, uint64_t bound)
{
	uint64_t uneven = -bound % bound;
	uint64_t number;

	do {
		number = workload_random(state);
	} while (number < uneven);
	return number % bound;
}

/* Does dirtying this block group lead to a cache that is written? */
bool workload_block_group_counts(const struct workload_block_group *group)
{
	return group->flags & BTRFS_BLOCK_GROUP_DATA &&
	       group->length >= WORKLOAD_CACHED_LENGTH;
}

/**
 * workload_file_size - the size of which @files fit into one block group
 * @block_group_length: its length
 * @files: how many
 * @kept: how many bytes it is to have room for besides
 *
 * A sixteenth stays free: the caches themselves live in data block groups.
 *
 * Return: the size, or 0 if that many cannot fit.
 */
uint64_t workload_file_size(uint64_t block_group_length, uint64_t files,
			    uint64_t kept)
{
	uint64_t usable = block_group_length - block_group_length / 16;

	if (usable < kept)
		return 0;
	return (usable - kept) / files / WORKLOAD_GRANULE * WORKLOAD_GRANULE;
}

/**
 * workload_piece_size - how much of a file to allocate at once
 * @file_size: its size
 *
 * Pieces are of equal size, so that a short last one does not go into what
 * was left free in the block group before.
 */
uint64_t workload_piece_size(uint64_t file_size)
{
	uint64_t pieces, piece;

	pieces = (file_size + WORKLOAD_EXTENT_MAX - 1) / WORKLOAD_EXTENT_MAX;
	if (!pieces)
		return 0;
	piece = (file_size + pieces - 1) / pieces;
	return (piece + WORKLOAD_GRANULE - 1) / WORKLOAD_GRANULE *
	       WORKLOAD_GRANULE;
}

/**
 * workload_make_room - let an array have one element more
 * @array: pointer to the array; NULL at first
 * @used: how many elements it has
 * @space: how many it has room for; 0 at first
 * @size: of one element
 */
int workload_make_room(void *array, size_t used, size_t *space, size_t size)
{
	size_t wanted = *space ? *space * 2 : 256;
	void **elements = array;
	void *larger;

	if (used < *space)
		return 0;
	larger = reallocarray(*elements, wanted, size);
	if (!larger)
		return -ENOMEM;
	*elements = larger;
	*space = wanted;
	return 0;
}

/**
 * workload_plan_add_block_group - tell the plan of a block group
 * @plan: the plan
 * @start: where it starts; they come in ascending order
 * @length: its length
 * @flags: BTRFS_BLOCK_GROUP_*
 *
 * Return: 0, -ENOMEM, or -EINVAL if it is empty, overlaps the one before or
 * reaches over the end of the address space.
 */
int workload_plan_add_block_group(struct workload_plan *plan, uint64_t start,
				  uint64_t length, uint64_t flags)
{
	struct workload_block_group *group;
	int ret;

	if (!length || start + length < start)
		return -EINVAL;
	if (plan->num_block_groups) {
		group = &plan->block_groups[plan->num_block_groups - 1];
		if (start < group->start + group->length)
			return -EINVAL;
	}
	ret = workload_make_room(&plan->block_groups, plan->num_block_groups,
				 &plan->block_group_space, sizeof(*group));
	if (ret)
		return ret;
	group = &plan->block_groups[plan->num_block_groups++];
	*group = (struct workload_block_group){
		.start = start, .length = length, .flags = flags,
	};
	return 0;
}

/**
 * workload_plan_add_file - tell the plan of a file
 * @plan: the plan
 * @number: its name
 * @inode: its inode number
 *
 * Return: the file, to add size and extents to before the next call, or NULL
 * when there is no memory.
 */
struct workload_file *workload_plan_add_file(struct workload_plan *plan,
					     uint64_t number, uint64_t inode)
{
	struct workload_file *file;

	if (workload_make_room(&plan->files, plan->num_files,
			       &plan->file_space, sizeof(*file)))
		return NULL;
	file = &plan->files[plan->num_files++];
	*file = (struct workload_file){
		.number = number, .inode = inode,
		.low = UINT64_MAX, .block_group = WORKLOAD_NOWHERE,
	};
	return file;
}

/* Return: 0, or -EINVAL if that is no extent. */
int workload_file_add_extent(struct workload_file *file, uint64_t start,
			     uint64_t length)
{
	if (!length || start + length < start)
		return -EINVAL;
	if (start < file->low)
		file->low = start;
	if (start + length > file->high)
		file->high = start + length;
	file->bytes += length;
	return 0;
}

/* Forget the files whose inode number is @inode or above, to read them anew. */
void workload_plan_drop_files_from(struct workload_plan *plan, uint64_t inode)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < plan->num_files; i++)
		if (plan->files[i].inode < inode)
			plan->files[kept++] = plan->files[i];
	plan->num_files = kept;
}

/* Return: the index of the block group with @address, or WORKLOAD_NOWHERE. */
size_t workload_plan_find(const struct workload_plan *plan, uint64_t address)
{
	size_t low = 0, high = plan->num_block_groups;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct workload_block_group *group =
			&plan->block_groups[middle];

		if (address < group->start)
			high = middle;
		else if (address - group->start >= group->length)
			low = middle + 1;
		else
			return middle;
	}
	return WORKLOAD_NOWHERE;
}

static size_t home_of(const struct workload_plan *plan,
		      const struct workload_file *file)
{
	const struct workload_block_group *group;
	size_t index;

	if (!file->size || file->low >= file->high)
		return WORKLOAD_NOWHERE;
	index = workload_plan_find(plan, file->low);
	if (index == WORKLOAD_NOWHERE)
		return WORKLOAD_NOWHERE;
	group = &plan->block_groups[index];
	/* Block groups are contiguous: what is in between is inside too. */
	if (file->high > group->start + group->length)
		return WORKLOAD_NOWHERE;
	return index;
}

static int compare_files(const void *first, const void *second)
{
	const struct workload_file *a = first, *b = second;

	return (a->number > b->number) - (a->number < b->number);
}

/**
 * workload_plan_map - find out in which block group each file lies
 * @plan: its block groups and files are complete
 *
 * Return: 0, or -EEXIST if two files have the same name.
 */
int workload_plan_map(struct workload_plan *plan)
{
	size_t i;

	for (i = 1; i < plan->num_files; i++)
		if (plan->files[i - 1].number >= plan->files[i].number)
			break;
	if (i < plan->num_files)
		qsort(plan->files, plan->num_files, sizeof(*plan->files),
		      compare_files);

	for (i = 0; i < plan->num_block_groups; i++)
		plan->block_groups[i].files = 0;
	for (i = 0; i < plan->num_files; i++) {
		struct workload_file *file = &plan->files[i];

		if (i && file[-1].number == file->number)
			return -EEXIST;
		file->block_group = home_of(plan, file);
		if (file->block_group != WORKLOAD_NOWHERE)
			plan->block_groups[file->block_group].files++;
	}
	return 0;
}

/* Return: how many block groups that count hold @files of ours or more. */
size_t workload_plan_count_full(const struct workload_plan *plan,
				uint64_t files)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < plan->num_block_groups; i++)
		count += workload_block_group_counts(&plan->block_groups[i]) &&
			 plan->block_groups[i].files >= files;
	return count;
}

/* Return: how many data block groups there are, of any length. */
size_t workload_plan_count_data(const struct workload_plan *plan)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < plan->num_block_groups; i++)
		count += !!(plan->block_groups[i].flags &
			    BTRFS_BLOCK_GROUP_DATA);
	return count;
}

/* Return: the length of the longest data block group, or 0. */
uint64_t workload_plan_longest(const struct workload_plan *plan)
{
	uint64_t longest = 0;
	size_t i;

	for (i = 0; i < plan->num_block_groups; i++) {
		const struct workload_block_group *group =
			&plan->block_groups[i];

		if (group->flags & BTRFS_BLOCK_GROUP_DATA &&
		    group->length > longest)
			longest = group->length;
	}
	return longest;
}

/* Return: how many files of ours are not empty. */
size_t workload_plan_files_left(const struct workload_plan *plan)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < plan->num_files; i++)
		count += plan->files[i].size != 0;
	return count;
}

void workload_plan_free(struct workload_plan *plan)
{
	free(plan->block_groups);
	free(plan->files);
	memset(plan, 0, sizeof(*plan));
}

/*
 * Gives each block group its candidate, the first file or any with the same
 * chance, and returns the candidates in the order of their block groups.
 */
static int pick_candidates(const struct workload_plan *plan, bool random,
			   uint64_t *state, size_t *candidate)
{
	uint64_t *seen;
	size_t i;

	seen = calloc(plan->num_block_groups + 1, sizeof(*seen));
	if (!seen)
		return -ENOMEM;
	for (i = 0; i < plan->num_block_groups; i++)
		candidate[i] = WORKLOAD_NOWHERE;
	for (i = 0; i < plan->num_files; i++) {
		size_t home = plan->files[i].block_group;

		if (home == WORKLOAD_NOWHERE ||
		    !workload_block_group_counts(&plan->block_groups[home]))
			continue;
		seen[home]++;
		if (seen[home] == 1 ||
		    (random && !workload_random_below(state, seen[home])))
			candidate[home] = i;
	}
	free(seen);
	return 0;
}

static size_t close_ranks(size_t *candidate, size_t count)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < count; i++)
		if (candidate[i] != WORKLOAD_NOWHERE)
			candidate[kept++] = candidate[i];
	return kept;
}

static void shuffle(size_t *candidate, size_t available, size_t count,
		    uint64_t *state)
{
	size_t i;

	for (i = 0; i < count; i++) {
		size_t other = i + workload_random_below(state, available - i);
		size_t swapped = candidate[i];

		candidate[i] = candidate[other];
		candidate[other] = swapped;
	}
}

static int select_only(const struct workload_plan *plan,
		       const struct workload_wish *wish, size_t *candidate,
		       struct workload_selection *selection)
{
	size_t i;

	for (i = 0; i < wish->count; i++) {
		size_t index = workload_plan_find(plan, wish->only[i]);

		selection->culprit = wish->only[i];
		if (index == WORKLOAD_NOWHERE ||
		    plan->block_groups[index].start != wish->only[i])
			return -ENOENT;
		if (candidate[index] == TAKEN)
			return -EEXIST;
		if (candidate[index] == WORKLOAD_NOWHERE)
			return -ENODATA;
		selection->files[i] = candidate[index];
		candidate[index] = TAKEN;
	}
	selection->count = wish->count;
	return 0;
}

static int select_any(const struct workload_wish *wish, size_t *candidate,
		      uint64_t *state, struct workload_selection *selection)
{
	if (selection->available < wish->count)
		return -ENODATA;
	if (wish->random)
		shuffle(candidate, selection->available, wish->count, state);
	memcpy(selection->files, candidate,
	       wish->count * sizeof(*candidate));
	selection->count = wish->count;
	return 0;
}

static size_t count_candidates(const size_t *candidate, size_t count)
{
	size_t available = 0;
	size_t i;

	for (i = 0; i < count; i++)
		available += candidate[i] != WORKLOAD_NOWHERE;
	return available;
}

/**
 * workload_select - choose the files to truncate
 * @plan: mapped
 * @wish: what is wanted
 * @selection: the result; to be freed by workload_selection_free(), after an
 *	error as well
 *
 * Return: 0; -ENODATA if too few block groups have a file left, or the one
 * named has none; -EEXIST if it is named twice; -ENOENT if no block group
 * starts there; -ENOMEM.
 */
int workload_select(const struct workload_plan *plan,
		    const struct workload_wish *wish,
		    struct workload_selection *selection)
{
	uint64_t state = wish->seed;
	size_t *candidate;
	int ret = -ENOMEM;

	memset(selection, 0, sizeof(*selection));
	candidate = calloc(plan->num_block_groups + 1, sizeof(*candidate));
	selection->files = calloc(wish->count + 1, sizeof(size_t));
	if (!candidate || !selection->files)
		goto out;
	ret = pick_candidates(plan, wish->random, &state, candidate);
	if (ret)
		goto out;
	selection->available = count_candidates(candidate,
						plan->num_block_groups);
	if (wish->only) {
		ret = select_only(plan, wish, candidate, selection);
		goto out;
	}
	close_ranks(candidate, plan->num_block_groups);
	ret = select_any(wish, candidate, &state, selection);
out:
	free(candidate);
	return ret;
}

/**
 * workload_selection_check - see that a selection keeps the rules
 * @plan: what it was made from
 * @selection: the selection
 *
 * Return: 0, or -EINVAL if a file lies in no block group that counts or two
 * lie in the same; -ENOMEM.
 */
int workload_selection_check(const struct workload_plan *plan,
			     const struct workload_selection *selection)
{
	bool *taken;
	int ret = 0;
	size_t i;

	taken = calloc(plan->num_block_groups + 1, sizeof(*taken));
	if (!taken)
		return -ENOMEM;
	for (i = 0; !ret && i < selection->count; i++) {
		const struct workload_file *file =
			&plan->files[selection->files[i]];
		size_t home = file->block_group;

		if (home == WORKLOAD_NOWHERE || home != home_of(plan, file) ||
		    !workload_block_group_counts(&plan->block_groups[home]) ||
		    taken[home])
			ret = -EINVAL;
		else
			taken[home] = true;
	}
	free(taken);
	return ret;
}

void workload_selection_free(struct workload_selection *selection)
{
	free(selection->files);
	memset(selection, 0, sizeof(*selection));
}
