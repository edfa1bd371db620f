/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Steps of the writeout that can be made to fail, only in the build for tests
 * (make module TWOSTAGE_FAULTS=1).
 *
 * The error is returned in place of a call, so the error handling under test is
 * the code of every build, the engine's or stock btrfs'. fault.c describes the
 * parameter that picks the step.
 */
#ifndef TWOSTAGE_FAULT_H
#define TWOSTAGE_FAULT_H

#ifdef TWOSTAGE_FAULTS

#include "seams/seam.h"

/* The steps, as the parameter names them. */
#define TWOSTAGE_FAULT_POINTS(POINT)					\
	/* A cache file is set up: found, invalidated, emptied, its space reserved, allocated. */ \
	POINT(setup_find)						\
	POINT(setup_invalidate)						\
	POINT(setup_truncate)						\
	POINT(setup_reserve)						\
	POINT(setup_allocate)						\
	/* A cache is started: its pages, its entries, its writeback. */ \
	POINT(prepare)							\
	POINT(entries)							\
	POINT(submit)							\
	/* It is waited for, then marked valid. */			\
	POINT(wait)							\
	POINT(cache_item)						\
	/* A pass: its path, that of stock btrfs; the delayed refs, the block group's item. */ \
	POINT(path)							\
	POINT(stock_path)						\
	POINT(refs)							\
	POINT(item)							\
	/* Not an error: the item of a new block group is inserted after the early pass. */ \
	POINT(insert_late)						\
	/* Not an error: marked valid though its pages were dropped. */ \
	POINT(unwritten)

/* clang-format off */
enum twostage_fault_point {
#define TWOSTAGE_FAULT_ID(name) TWOSTAGE_FAULT_##name,
	TWOSTAGE_FAULT_POINTS(TWOSTAGE_FAULT_ID)
#undef TWOSTAGE_FAULT_ID
	TWOSTAGE_NR_FAULTS
};
/* clang-format on */

int twostage_fault(enum twostage_fault_point point);

/* The call, or an errno in its place. */
#define TWOSTAGE_FAILING(point, call)					\
	(twostage_fault(TWOSTAGE_FAULT_##point) ?: (call))

/* The same for a function defined in the same file. */
#define TWOSTAGE_FAILING_STATIC(point, function, first, ...)		\
	TWOSTAGE_CHOOSE(TWOSTAGE_IS_DEFINITION(first))			\
		(function(first, __VA_ARGS__),				\
		 TWOSTAGE_FAILING(point, function(first, __VA_ARGS__)))

/* A failure aborts the transaction, as in the function itself. */
#define TWOSTAGE_FAILING_REFS(trans, call)				\
({									\
	int failed_refs = twostage_fault(TWOSTAGE_FAULT_refs);		\
									\
	if (failed_refs)						\
		btrfs_abort_transaction(trans, failed_refs);		\
	failed_refs ?: (call);						\
})

#endif /* TWOSTAGE_FAULTS */

#endif /* TWOSTAGE_FAULT_H */
