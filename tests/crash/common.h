/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs of this folder share. Each exits with EXIT_USAGE when it cannot
 * do what it was asked.
 */
#ifndef CRASH_COMMON_H
#define CRASH_COMMON_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#define EXIT_USAGE 2

static inline uint64_t number(const char *text, uint64_t most)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || *end || end == text || *text == '-' || value > most)
		errx(EXIT_USAGE, "'%s' is not a number up to %" PRIu64, text, most);
	return value;
}

static inline int open_file(const char *name, int flags)
{
	int file = open(name, flags | O_CLOEXEC);

	if (file < 0)
		err(EXIT_USAGE, "%s", name);
	return file;
}

#endif /* CRASH_COMMON_H */
