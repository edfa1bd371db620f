/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Test Anything Protocol, as far as our unit tests in C speak it.
 *
 * The plan comes first, then one line for each test, in order. Included by one
 * file of each program.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdio.h>

static int tap_number;
static int tap_failures;

static inline void tap_plan(int tests)
{
	/* What a sanitizer says must not come before the lines above it. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%d\n", tests);
}

static inline void tap_result(bool ok, const char *name)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++tap_number, name);
	tap_failures += !ok;
}

static inline int tap_exit_status(void)
{
	return tap_failures != 0;
}

#endif /* TAP_H */
