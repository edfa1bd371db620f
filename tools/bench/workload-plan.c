// SPDX-License-Identifier: GPL-2.0
/*
 * Which file lies in which block group, which files are truncated, and which
 * pieces of the comb are given back to leave free fragments.
 *
 * - A file belongs to a block group when all of its extents lie inside it.
 *   One that straddles two, or has no extents, belongs to none.
 * - Only data block groups that are long enough to have a cache count.
 * - The comb is a file that is allocated in pieces, each an extent of its own.
 *   The allocator decides where they lie, and we look afterwards: a piece
 *   between two others can be given back and leaves a fragment.
 *
 * The time this takes must not grow faster than the number of files, but for a
 * binary search for each: there is a new plan before every sample, in guests
 * that run on an emulator.
 */
#include <errno.h>
#include <linux/btrfs_tree.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "workload.h"

/*
 * Makes room for one more element of @size bytes in the array that @array points
 * to, which has @used of them and room for @space; all begin as NULL and 0.
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

/* For qsort() of what begins with the number that it is to be sorted by. */
int workload_compare(const void *first, const void *second)
{
	const uint64_t *a = first, *b = second;

	return (*a > *b) - (*a < *b);
}

/* Does dirtying this block group lead to a cache that is written? */
bool workload_group_counts(const struct workload_block_group *group)
{
	return group->flags & BTRFS_BLOCK_GROUP_DATA &&
	       group->length >= WORKLOAD_CACHED_LENGTH;
}

/*
 * Return: how large @files files may be that fit into a block group beside @kept
 * bytes, or 0. A sixteenth stays free: the caches themselves live in data block
 * groups.
 */
uint64_t workload_file_size(uint64_t group_length, uint64_t files, uint64_t kept)
{
	uint64_t usable = group_length - group_length / 16;

	if (usable < kept)
		return 0;
	return (usable - kept) / files / WORKLOAD_GRANULE * WORKLOAD_GRANULE;
}

/*
 * How much of a file to allocate at once. Pieces are of equal size, so that a
 * short last one does not go into what the block group before has left.
 */
uint64_t workload_piece_size(uint64_t file_size)
{
	uint64_t pieces = howmany(file_size, WORKLOAD_EXTENT_MAX);

	return pieces ? roundup(howmany(file_size, pieces), WORKLOAD_GRANULE) : 0;
}

/*
 * Adds a block group behind the others; files have to be mapped again.
 *
 * Return: 0, -ENOMEM, or -EINVAL if it is empty, overlaps the one before or
 * reaches past the end of the address space.
 */
int workload_plan_add_group(struct workload_plan *plan, uint64_t start,
			    uint64_t length, uint64_t flags)
{
	const struct workload_block_group *last;
	int ret;

	if (!length || start + length < start)
		return -EINVAL;
	if (plan->num_groups) {
		last = &plan->groups[plan->num_groups - 1];
		if (start < last->start + last->length)
			return -EINVAL;
	}
	ret = workload_make_room(&plan->groups, plan->num_groups,
				 &plan->group_space, sizeof(*plan->groups));
	if (ret)
		return ret;
	plan->groups[plan->num_groups++] = (struct workload_block_group){
		.start = start, .length = length, .flags = flags,
	};
	return 0;
}

/* Return: the file, to add size and extents to before the next call, or NULL. */
struct workload_file *workload_plan_add_file(struct workload_plan *plan,
					     uint64_t number, uint64_t inode)
{
	struct workload_file *file;

	if (workload_make_room(&plan->files, plan->num_files,
			       &plan->file_space, sizeof(*file)))
		return NULL;
	file = &plan->files[plan->num_files++];
	*file = (struct workload_file){
		.number = number, .inode = inode, .low = UINT64_MAX,
	};
	return file;
}

/* Return: 0, or -EINVAL if that is no extent. */
int workload_file_add_extent(struct workload_file *file, uint64_t start,
			     uint64_t length)
{
	if (!length || start + length < start)
		return -EINVAL;
	file->low = MIN(file->low, start);
	file->high = MAX(file->high, start + length);
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

static int compare_address(const void *key, const void *element)
{
	const struct workload_block_group *group = element;
	uint64_t address = *(const uint64_t *)key;

	if (address < group->start)
		return -1;
	return address - group->start >= group->length;
}

/* Return: the block group with @address, or NULL. */
struct workload_block_group *
workload_plan_find(const struct workload_plan *plan, uint64_t address)
{
	if (!plan->num_groups)
		return NULL;
	return bsearch(&address, plan->groups, plan->num_groups,
		       sizeof(*plan->groups), compare_address);
}

static struct workload_block_group *home_of(const struct workload_plan *plan,
					    const struct workload_file *file)
{
	struct workload_block_group *group;

	if (!file->size || file->low >= file->high)
		return NULL;
	group = workload_plan_find(plan, file->low);
	/* Block groups are contiguous: what is in between is inside, too. */
	if (group && file->high > group->start + group->length)
		return NULL;
	return group;
}

/*
 * Finds the block group of each file, once all are added.
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
		      workload_compare);

	for (i = 0; i < plan->num_groups; i++)
		plan->groups[i].files = 0;
	for (i = 0; i < plan->num_files; i++) {
		struct workload_file *file = &plan->files[i];

		if (i && file[-1].number == file->number)
			return -EEXIST;
		file->group = home_of(plan, file);
		if (file->group)
			file->group->files++;
	}
	return 0;
}

/* Return: how many block groups that count hold @files of ours or more. */
size_t workload_plan_count_full(const struct workload_plan *plan, uint64_t files)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < plan->num_groups; i++)
		count += workload_group_counts(&plan->groups[i]) &&
			 plan->groups[i].files >= files;
	return count;
}

/* Return: how many data block groups there are, of any length. */
size_t workload_plan_count_data(const struct workload_plan *plan)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < plan->num_groups; i++)
		count += !!(plan->groups[i].flags & BTRFS_BLOCK_GROUP_DATA);
	return count;
}

/* Return: the length of the longest data block group, or 0. */
uint64_t workload_plan_longest(const struct workload_plan *plan)
{
	uint64_t longest = 0;
	size_t i;

	for (i = 0; i < plan->num_groups; i++)
		if (plan->groups[i].flags & BTRFS_BLOCK_GROUP_DATA)
			longest = MAX(longest, plan->groups[i].length);
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

/*
 * Chooses the first file in each of the first @count block groups. The caller
 * frees their indices in @selected, also after an error.
 *
 * Return: 0, -ENOMEM, or -ENODATA if fewer block groups, @available, have a file.
 */
int workload_plan_select(const struct workload_plan *plan, size_t count,
			 size_t **selected, size_t *available)
{
	size_t *first;
	size_t i;

	*available = 0;
	*selected = first = calloc(plan->num_groups + 1, sizeof(*first));
	if (!first)
		return -ENOMEM;
	for (i = 0; i < plan->num_groups; i++)
		first[i] = SIZE_MAX;
	for (i = plan->num_files; i--;)
		if (plan->files[i].group &&
		    workload_group_counts(plan->files[i].group))
			first[plan->files[i].group - plan->groups] = i;
	for (i = 0; i < plan->num_groups; i++)
		if (first[i] != SIZE_MAX)
			first[(*available)++] = first[i];
	return *available < count ? -ENODATA : 0;
}

void workload_plan_free(struct workload_plan *plan)
{
	free(plan->groups);
	free(plan->files);
	memset(plan, 0, sizeof(*plan));
}

/* Return: how much of a block group so many fragments take, with their comb. */
uint64_t workload_comb_bytes(uint64_t fragments)
{
	return fragments ? (2 * fragments + 1) * WORKLOAD_PIECE : 0;
}

/*
 * Adds the piece at @offset of the file, which lies at @start. An @old one, of an
 * earlier fill, stays where no fragments are lacking.
 */
int workload_comb_add(struct workload_comb *comb, const struct workload_plan *plan,
		      uint64_t offset, uint64_t start, bool old)
{
	int ret;

	ret = workload_make_room(&comb->pieces, comb->num_pieces, &comb->space,
				 sizeof(*comb->pieces));
	if (ret)
		return ret;
	comb->pieces[comb->num_pieces++] = (struct workload_piece){
		.offset = offset, .start = start,
		.group = workload_plan_find(plan, start), .old = old,
	};
	return 0;
}

/* Should the block group have more fragments than it has? */
bool workload_comb_lacks(const struct workload_block_group *group,
			 const struct workload_comb_wish *wish)
{
	return workload_group_counts(group) && group->files >= wish->files &&
	       group->fragments < wish->fragments;
}

/*
 * Chooses among the pieces of one block group, in the order of their starts.
 * What lies between two that stay is a fragment, whether it was given back
 * just now or by an earlier fill.
 */
static uint64_t decide_group(struct workload_piece *pieces, size_t count,
			     uint64_t wanted)
{
	const struct workload_piece *kept = NULL;
	uint64_t fragments = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		struct workload_piece *piece = &pieces[i];
		bool follows = kept && piece->start - kept->start == WORKLOAD_PIECE;
		bool followed = i + 1 < count &&
				piece[1].start - piece->start == WORKLOAD_PIECE;

		piece->surplus = fragments >= wanted ? !piece->old :
						       follows && followed;
		if (piece->surplus)
			continue;
		if (kept && piece->start - kept->start == 2 * WORKLOAD_PIECE)
			fragments++;
		kept = piece;
	}
	return fragments;
}

/*
 * Chooses the pieces to give back, among them new ones that lie where none are
 * wanted. Each block group gets its number of fragments; the pieces of those that
 * lack nothing are settled.
 */
void workload_comb_decide(struct workload_comb *comb,
			  const struct workload_comb_wish *wish)
{
	struct workload_piece *piece = comb->pieces + comb->num_settled;
	struct workload_piece *end = comb->pieces + comb->num_pieces;
	size_t count, i;

	/* There may be no array yet. */
	if (piece == end)
		return;
	qsort(piece, end - piece, sizeof(*piece), workload_compare);
	for (; piece < end; piece += count) {
		for (count = 1; piece + count < end; count++)
			if (piece[count].group != piece->group)
				break;
		/* One that has enough has it in settled pieces. */
		if (piece->group && workload_comb_lacks(piece->group, wish))
			piece->group->fragments =
				decide_group(piece, count, wish->fragments);
		else
			decide_group(piece, count, 0);
	}
	for (i = comb->num_settled; i < comb->num_pieces; i++) {
		struct workload_piece settled = comb->pieces[i];

		if (settled.group && workload_comb_lacks(settled.group, wish))
			continue;
		comb->pieces[i] = comb->pieces[comb->num_settled];
		comb->pieces[comb->num_settled++] = settled;
	}
}

void workload_comb_free(struct workload_comb *comb)
{
	free(comb->pieces);
	memset(comb, 0, sizeof(*comb));
}
