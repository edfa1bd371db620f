// SPDX-License-Identifier: GPL-2.0
/*
 * Replaces a file whole, or not at all; see output.h.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "output.h"

/* Return: 0 or a negative errno; it is closed then, unless it is @out. */
static int finish(FILE *file)
{
	bool failed = ferror(file);

	errno = 0;
	if (file == stdout)
		failed |= fflush(file) != 0;
	else
		failed |= fclose(file) != 0;
	if (!failed)
		return 0;
	return errno ? -errno : -EIO;
}

static int replace(const char *path, void (*print)(FILE *out, const void *what),
		   const void *what)
{
	char *beside;
	FILE *file;
	int ret;

	if (asprintf(&beside, "%s.%d", path, (int)getpid()) < 0)
		return -ENOMEM;
	file = fopen(beside, "wxe");
	if (!file) {
		ret = -errno;
		goto out;
	}
	print(file, what);
	ret = finish(file);
	if (!ret && rename(beside, path))
		ret = -errno;
	if (ret)
		unlink(beside);
out:
	free(beside);
	return ret;
}

/**
 * output_print - print something to a file, which is replaced, or is left as it
 * was
 * @path: the file, or NULL for standard output
 * @print: prints it
 * @what: what @print is given
 *
 * Return: 0 or a negative errno, which was said.
 */
int output_print(const char *path, void (*print)(FILE *out, const void *what),
		 const void *what)
{
	int ret;

	if (path) {
		ret = replace(path, print, what);
	} else {
		print(stdout, what);
		ret = finish(stdout);
	}
	if (ret)
		complain("%s: %s", path ? path : "standard output",
			 strerror(-ret));
	return ret;
}
