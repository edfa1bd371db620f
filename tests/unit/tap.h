/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Test Anything Protocol, as far as our unit tests in C speak it.
 *
 * The plan comes first, then one line for each test, in order. A test goes on after
 * something that it expected did not hold. Included by one file of each program.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdio.h>

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

static int tap_number;
static int tap_failures;
static bool tap_failed;		/* the test that runs */

static inline void tap_plan(size_t tests)
{
	/* What a sanitizer says must not come before the lines above it. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%zu\n", tests);
}

/* What does not hold fails the test that runs; @what tells where to look. */
static inline void expect(bool condition, const char *what)
{
	if (condition)
		return;
	printf("# it goes wrong: %s\n", what);
	tap_failed = true;
}

static inline void tap_result(const char *name)
{
	printf("%sok %d - %s\n", tap_failed ? "not " : "", ++tap_number, name);
	tap_failures += tap_failed;
	tap_failed = false;
}

static inline int tap_exit_status(void)
{
	return tap_failures != 0;
}

#endif /* TAP_H */
