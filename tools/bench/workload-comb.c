// SPDX-License-Identifier: GPL-2.0
/*
 * Decides which pieces of the comb are given back; see workload-comb.h.
 */
#include <stdlib.h>
#include <string.h>

#include "workload-comb.h"

/* Return: how much of a block group so many fragments take, teeth included. */
uint64_t workload_comb_bytes(uint64_t fragments)
{
	return fragments ? (2 * fragments + 1) * WORKLOAD_PIECE : 0;
}

/**
 * workload_comb_add - tell the comb of a piece
 * @comb: the comb
 * @plan: knows the block groups
 * @offset: where the piece is in the file
 * @start: where it lies on the filesystem
 * @old: it is from an earlier fill, and stays where fragments are not lacking
 */
int workload_comb_add(struct workload_comb *comb,
		      const struct workload_plan *plan, uint64_t offset,
		      uint64_t start, bool old)
{
	int ret;

	ret = workload_make_room(&comb->pieces, comb->num_pieces, &comb->space,
				 sizeof(*comb->pieces));
	if (ret)
		return ret;
	comb->pieces[comb->num_pieces++] = (struct workload_piece){
		.offset = offset, .start = start,
		.block_group = workload_plan_find(plan, start), .old = old,
	};
	return 0;
}

/* Is the block group to have fragments that it does not have? */
bool workload_comb_lacks(const struct workload_block_group *group,
			 const struct workload_comb_wish *wish)
{
	return workload_block_group_counts(group) &&
	       group->files >= wish->files &&
	       group->fragments < wish->fragments;
}

static bool touch(const struct workload_piece *lower,
		  const struct workload_piece *higher)
{
	return higher->start - lower->start == WORKLOAD_PIECE;
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
		bool follows = kept && touch(kept, piece);
		bool followed = i + 1 < count && touch(piece, &piece[1]);

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

static int compare_pieces(const void *first, const void *second)
{
	const struct workload_piece *a = first, *b = second;

	return (a->start > b->start) - (a->start < b->start);
}

/* Moves the pieces of block groups that lack nothing to the settled ones. */
static void settle(struct workload_comb *comb, const struct workload_plan *plan,
		   const struct workload_comb_wish *wish)
{
	size_t i;

	for (i = comb->num_settled; i < comb->num_pieces; i++) {
		struct workload_piece piece = comb->pieces[i];

		if (piece.block_group != WORKLOAD_NOWHERE &&
		    workload_comb_lacks(&plan->block_groups[piece.block_group],
					wish))
			continue;
		comb->pieces[i] = comb->pieces[comb->num_settled];
		comb->pieces[comb->num_settled++] = piece;
	}
}

/**
 * workload_comb_decide - choose the pieces to give back
 * @comb: its pieces; those of block groups that lack nothing are settled
 * @plan: gets the number of fragments of each block group
 * @wish: what they are to have
 *
 * New pieces that came to lie where none are wanted are given back as well.
 */
void workload_comb_decide(struct workload_comb *comb,
			  struct workload_plan *plan,
			  const struct workload_comb_wish *wish)
{
	struct workload_piece *piece = comb->pieces + comb->num_settled;
	struct workload_piece *end = comb->pieces + comb->num_pieces;
	size_t count;

	/* There may be no array yet. */
	if (piece == end)
		return;
	qsort(piece, end - piece, sizeof(*piece), compare_pieces);
	for (; piece < end; piece += count) {
		struct workload_block_group *group;
		size_t home = piece->block_group;

		for (count = 1; piece + count < end; count++)
			if (piece[count].block_group != home)
				break;
		group = home == WORKLOAD_NOWHERE ? NULL :
						   &plan->block_groups[home];
		/* One that has enough has it in settled pieces. */
		if (group && workload_comb_lacks(group, wish))
			group->fragments = decide_group(piece, count,
							wish->fragments);
		else
			decide_group(piece, count, 0);
	}
	settle(comb, plan, wish);
}

void workload_comb_free(struct workload_comb *comb)
{
	free(comb->pieces);
	memset(comb, 0, sizeof(*comb));
}
