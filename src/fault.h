/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Steps of the writeout that fail on purpose, in the flavour of the module that
 * is built for tests (make module TWOSTAGE_FAULTS=1), and in no other.
 *
 * A step fails in place of what it calls, so that what is done about a failure
 * is the code that runs everywhere: the engine's, or the distribution's. Which
 * step, how often and with which errno is said by the parameter `fault`, see
 * fault.c.
 */
#ifndef TWOSTAGE_FAULT_H
#define TWOSTAGE_FAULT_H

#ifdef TWOSTAGE_FAULTS

#include "seams/seam.h"

/* Names of the steps, as the parameter has them. */
#define TWOSTAGE_FAULT_POINTS(POINT)					\
	/* A cache file is set up: emptied, its space reserved, allocated. */ \
	POINT(setup_truncate)						\
	POINT(setup_reserve)						\
	POINT(setup_allocate)						\
	/* A cache is started: its pages, its entries, its writeback. */ \
	POINT(prepare)							\
	POINT(entries)							\
	POINT(submit)							\
	/* It is waited for, and then said to be valid. */		\
	POINT(wait)							\
	POINT(cache_item)						\
	/* A pass: its path; the delayed refs, the block group's item. */ \
	POINT(path)							\
	POINT(refs)							\
	POINT(item)							\
	/* Not a failure: said to be valid, with its pages dropped. */	\
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

/* TWOSTAGE_FAILING(POINT, CALL): an errno instead of the call, or the call. */
#define TWOSTAGE_FAILING(point, call)					\
	(twostage_fault(TWOSTAGE_FAULT_##point) ?: (call))

/* The same for a function of the file itself, whose definition is left alone. */
#define TWOSTAGE_FAILING_STATIC(point, function, first, ...)		\
	TWOSTAGE_CHOOSE(TWOSTAGE_IS_DEFINITION(first))			\
		(function(first, __VA_ARGS__),				\
		 TWOSTAGE_FAILING(point, function(first, __VA_ARGS__)))

/* As the function itself does it: a failure aborts the transaction. */
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
