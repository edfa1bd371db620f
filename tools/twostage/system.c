// SPDX-License-Identifier: GPL-2.0
/*
 * Files below a root; see system.h.
 *
 * Functions return 0 or more, or a negative errno: -ENOENT only if the file is
 * not there, so that a caller can tell "missing" from "cannot be read".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "errors.h"
#include "system.h"

/*
 * "/" is the machine itself; a container's root may be the same directory, but is
 * another mount. The root stays open until the program ends.
 */
int system_open_root(struct system *system, const char *root)
{
	const unsigned int mask = STATX_INO | STATX_MNT_ID;
	struct statx own, other;

	system->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (system->root < 0 || statx(AT_FDCWD, "/", 0, mask, &own) ||
	    statx(system->root, "", AT_EMPTY_PATH, mask, &other))
		return -errno;
	system->foreign = own.stx_ino != other.stx_ino ||
			  own.stx_mnt_id != other.stx_mnt_id;
	return 0;
}

/* Return: a file descriptor or a negative errno. */
int system_open(struct system *system, int flags, const char *format, ...)
{
	struct open_how how = { .flags = flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT };
	va_list arguments;
	int fd, length;

	va_start(arguments, format);
	length = vsnprintf(system->path, sizeof(system->path), format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof(system->path))
		return -ENAMETOOLONG;
	/* Not for our own root, where a mount elsewhere can make it fail. */
	if (system->foreign)
		fd = syscall(SYS_openat2, system->root, system->path, &how, sizeof(how));
	else
		fd = open(system->path, flags | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	/* If something else is in the place of a directory, it is not there. */
	return errno == ENOTDIR ? -ENOENT : -errno;
}

/* Sets @text to what a file holds, to be freed in any case. */
int read_file(int fd, char **text)
{
	size_t size = 0, space = 0;
	ssize_t got = 0;
	int ret;

	*text = NULL;
	if (fd < 0)
		return fd;
	/* The sizes of files in /proc and /sys are 0 or too large. */
	do {
		size += got;
		if (size + 1 >= space) {
			space = space ? 2 * space : 4096;
			*text = realloc(*text, space);
			expect_memory(*text);
		}
		got = TEMP_FAILURE_RETRY(read(fd, *text + size, space - size - 1));
	} while (got > 0);
	ret = got < 0 ? -errno : 0;
	close(fd);
	(*text)[size] = 0;
	return ret;
}

/* Sets @line to a line of sysfs, cut to @size, or to "" after a failure. */
int read_line(int fd, char *line, size_t size)
{
	ssize_t got;
	int ret = 0;

	line[0] = 0;
	if (fd < 0)
		return fd;
	got = read(fd, line, size - 1);
	if (got < 0)
		ret = -errno;
	close(fd);
	line[got < 0 ? 0 : got] = 0;
	line[strcspn(line, "\n")] = 0;
	return ret;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Return: how many, sorted and without hidden files, or a negative errno. */
int read_names(int fd, struct dirent ***names)
{
	int count;

	if (fd < 0)
		return fd;
	count = scandirat(fd, ".", names, is_visible, alphasort);
	if (count < 0)
		count = -errno;
	close(fd);
	return count;
}

void free_names(struct dirent **names, int count)
{
	while (count-- > 0)
		free(names[count]);
	free(names);
}
