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

/**
 * workload_select - choose the first file in each of the first block groups
 * @plan: mapped
 * @count: how many
 * @selection: the result; to be freed by workload_selection_free(), after an
 *	error as well
 *
 * Return: 0; -ENODATA if too few block groups have a file left; -ENOMEM.
 */
int workload_select(const struct workload_plan *plan, size_t count,
		    struct workload_selection *selection)
{
	size_t *first;
	size_t i;

	memset(selection, 0, sizeof(*selection));
	first = calloc(plan->num_block_groups + 1, sizeof(*first));
	if (!first)
		return -ENOMEM;
	selection->files = first;
	for (i = 0; i < plan->num_block_groups; i++)
		first[i] = WORKLOAD_NOWHERE;
	for (i = plan->num_files; i--;) {
		size_t home = plan->files[i].block_group;

		if (home != WORKLOAD_NOWHERE &&
		    workload_block_group_counts(&plan->block_groups[home]))
			first[home] = i;
	}
	for (i = 0; i < plan->num_block_groups; i++)
		if (first[i] != WORKLOAD_NOWHERE)
			first[selection->available++] = first[i];
	if (selection->available < count)
		return -ENODATA;
	selection->count = count;
	return 0;
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
