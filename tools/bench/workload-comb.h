/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which pieces of the comb are given back, so that free fragments lie between
 * the others.
 *
 * The comb is a file that is allocated in pieces, each an extent of its own.
 * Where they come to lie is the allocator's choice and seen afterwards: a
 * piece between two others can be given back and leaves a fragment. Nothing
 * here talks to a kernel.
 */
#ifndef WORKLOAD_COMB_H
#define WORKLOAD_COMB_H

#include "workload-plan.h"

/* The size of a piece, and of a fragment. */
#define WORKLOAD_PIECE	(16ULL << 10)

struct workload_piece {
	uint64_t offset;	/* in the comb */
	uint64_t start;		/* where it lies */
	size_t block_group;	/* an index, or WORKLOAD_NOWHERE */
	bool old;		/* from an earlier fill */
	bool surplus;		/* to be given back */
};

/* What each block group is to have. */
struct workload_comb_wish {
	uint64_t fragments;
	uint64_t files;		/* those with fewer files get none */
};

struct workload_comb {
	struct workload_piece *pieces;
	size_t num_pieces;
	size_t num_settled;	/* the first ones; nothing changes them */
	size_t space;
};

uint64_t workload_comb_bytes(uint64_t fragments);
int workload_comb_add(struct workload_comb *comb,
		      const struct workload_plan *plan, uint64_t offset,
		      uint64_t start, bool old);
bool workload_comb_lacks(const struct workload_block_group *group,
			 const struct workload_comb_wish *wish);
void workload_comb_decide(struct workload_comb *comb,
			  struct workload_plan *plan,
			  const struct workload_comb_wish *wish);
void workload_comb_free(struct workload_comb *comb);

#endif /* WORKLOAD_COMB_H */
