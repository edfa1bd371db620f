// SPDX-License-Identifier: GPL-2.0
/*
 * Replaces a file whole, or not at all; see output.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "errors.h"
#include "output.h"

/*
 * Calls @print with @what to write a file, which takes the place of @path, or
 * standard output if that is NULL.
 *
 * Return: 0 or a negative errno, after a message.
 */
int output_print(const char *path, void (*print)(FILE *out, const void *what),
		 const void *what)
{
	char *temporary = NULL;
	FILE *file = stdout;
	bool failed;
	int ret = 0;

	if (path) {
		expect_memory(asprintf(&temporary, "%s.%d", path, (int)getpid()) >= 0);
		file = fopen(temporary, "wxe");
		if (!file) {
			ret = -errno;
			goto out;
		}
	}
	print(file, what);
	failed = ferror(file);
	errno = 0;
	failed |= (path ? fclose(file) : fflush(file)) != 0;
	if (failed)
		ret = errno ? -errno : -EIO;
	if (path && !ret && rename(temporary, path))
		ret = -errno;
	if (path && ret)
		unlink(temporary);
out:
	free(temporary);
	if (ret)
		complain_about_file(path ? path : "standard output", ret);
	return ret;
}
