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

#include "system.h"

/**
 * system_open_root - begin to look at a root
 * @system: for the other functions; to be closed in any case
 * @root: a directory; "/" is the machine itself
 *
 * Return: 0 or a negative errno.
 */
int system_open_root(struct system *system, const char *root)
{
	struct stat own, other;

	system->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (system->root < 0 || stat("/", &own) || fstat(system->root, &other))
		return -errno;
	system->foreign = own.st_dev != other.st_dev ||
			  own.st_ino != other.st_ino;
	return 0;
}

void system_close_root(struct system *system)
{
	if (system->root >= 0)
		close(system->root);
}

/**
 * system_open - open a file of the system
 * @system: the system
 * @flags: as for open(); close-on-exec is added
 * @format: its path
 *
 * Return: a file descriptor or a negative errno.
 */
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
		fd = syscall(SYS_openat2, system->root, system->path, &how,
			     sizeof(how));
	else
		fd = open(system->path, flags | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	/* If something else is in the place of a directory, it is not there. */
	return errno == ENOTDIR ? -ENOENT : -errno;
}

/**
 * read_file - read the whole of a file
 * @fd: the file, from system_open()
 * @text: its contents, to be freed; NULL after a failure
 *
 * Return: 0 or a negative errno.
 */
int read_file(int fd, char **text)
{
	size_t size = 0, space = 0;
	ssize_t got = 0;
	char *larger;
	int ret = 0;

	*text = NULL;
	if (fd < 0)
		return fd;
	/* The sizes of files in /proc and /sys are 0 or too large. */
	do {
		size += got;
		if (size + 1 >= space) {
			space = space ? 2 * space : 4096;
			larger = realloc(*text, space);
			if (!larger) {
				ret = -ENOMEM;
				break;
			}
			*text = larger;
		}
		got = TEMP_FAILURE_RETRY(read(fd, *text + size,
					      space - size - 1));
	} while (got > 0);
	if (got < 0)
		ret = -errno;
	close(fd);
	if (!ret) {
		(*text)[size] = 0;
		return 0;
	}
	free(*text);
	*text = NULL;
	return ret;
}

/**
 * read_line - read the line of a file in sysfs, without its newline
 * @fd: the file, from system_open()
 * @line: where it goes, cut to the space there; empty after a failure
 * @size: that space
 *
 * Return: 0 or a negative errno.
 */
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

/**
 * read_names - list a directory, without the hidden files
 * @fd: the directory, from system_open()
 * @names: where they go, sorted; for free_names()
 *
 * Return: how many, or a negative errno, and then there are none.
 */
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
