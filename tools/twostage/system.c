// SPDX-License-Identifier: GPL-2.0
/*
 * Files of a machine; see system.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "system.h"

/**
 * system_open_root - choose the root
 * @system: for the other functions
 * @root: a directory; "/" is the machine itself
 *
 * Return: 0 or a negative errno.
 */
int system_open_root(struct system *system, const char *root)
{
	snprintf(system->path, sizeof(system->path), "%s", root);
	system->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return system->root < 0 ? -errno : 0;
}

void system_close_root(struct system *system)
{
	if (system->root >= 0)
		close(system->root);
}

__attribute__((format(printf, 3, 0)))
static int open_path(struct system *system, int flags, const char *format,
		     va_list arguments)
{
	struct open_how how = { .flags = flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT };
	int fd;

	if (vsnprintf(system->path, sizeof(system->path), format, arguments) >=
	    (int)sizeof(system->path))
		return -ENAMETOOLONG;
	fd = syscall(SYS_openat2, system->root, system->path, &how, sizeof(how));
	if (fd >= 0)
		return fd;
	/* There is something else than a directory in the way. */
	return errno == ENOTDIR ? -ENOENT : -errno;
}

/**
 * system_open - open a file
 * @system: the system
 * @flags: as for open(); close-on-exec is added
 * @format: its path
 *
 * Return: a file descriptor or a negative errno.
 */
int system_open(struct system *system, int flags, const char *format, ...)
{
	va_list arguments;
	int fd;

	va_start(arguments, format);
	fd = open_path(system, flags, format, arguments);
	va_end(arguments);
	return fd;
}

/**
 * system_exists - whether a file exists
 * @system: the system
 * @format: its path
 *
 * Return: 1 or 0, or a negative errno if that cannot be told.
 */
int system_exists(struct system *system, const char *format, ...)
{
	va_list arguments;
	int fd;

	va_start(arguments, format);
	fd = open_path(system, O_PATH, format, arguments);
	va_end(arguments);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	close(fd);
	return 1;
}

/* Reads up to a delimiter. A pipe in place of the file must not block. */
__attribute__((format(printf, 4, 0)))
static int read_path(struct system *system, char **text, int delimiter,
		     const char *format, va_list arguments)
{
	size_t space = 0;
	FILE *file;
	int fd, ret = 0;

	*text = NULL;
	fd = open_path(system, O_RDONLY | O_NONBLOCK, format, arguments);
	if (fd < 0)
		return fd;
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	errno = 0;
	if (getdelim(text, &space, delimiter, file) < 0) {
		ret = -errno;
		/* The file is empty. */
		if (!ret && *text)
			**text = 0;
	}
	fclose(file);
	if (!ret && !*text)
		ret = -ENOMEM;
	if (ret) {
		free(*text);
		*text = NULL;
	}
	return ret;
}

/**
 * system_read - read a text file
 * @system: the system
 * @text: the text, to be freed; NULL after an error
 * @format: the file's path
 *
 * Return: 0 or a negative errno.
 */
int system_read(struct system *system, char **text, const char *format, ...)
{
	va_list arguments;
	int ret;

	va_start(arguments, format);
	ret = read_path(system, text, 0, format, arguments);
	va_end(arguments);
	return ret;
}

/**
 * system_read_line - read the first line of a file, without its newline
 * @system: the system
 * @line: the line, cut if necessary; empty after an error
 * @size: space in @line
 * @format: the file's path
 *
 * Return: 0 or a negative errno.
 */
int system_read_line(struct system *system, char *line, size_t size,
		     const char *format, ...)
{
	va_list arguments;
	char *text;
	int ret;

	va_start(arguments, format);
	ret = read_path(system, &text, '\n', format, arguments);
	va_end(arguments);
	snprintf(line, size, "%s", text ? text : "");
	line[strcspn(line, "\n")] = 0;
	free(text);
	return ret;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/**
 * system_list - list a directory, sorted, without hidden files
 * @system: the system
 * @entries: the entries, for system_free_list(); NULL after an error
 * @format: the directory's path
 *
 * Return: their number or a negative errno.
 */
int system_list(struct system *system, struct dirent ***entries,
		const char *format, ...)
{
	va_list arguments;
	int count, fd;

	*entries = NULL;
	va_start(arguments, format);
	fd = open_path(system, O_RDONLY | O_DIRECTORY, format, arguments);
	va_end(arguments);
	if (fd < 0)
		return fd;
	count = scandirat(fd, ".", entries, not_hidden, alphasort);
	if (count < 0) {
		count = -errno;
		*entries = NULL;
	}
	close(fd);
	return count;
}

void system_free_list(struct dirent **entries, int count)
{
	while (count-- > 0)
		free(entries[count]);
	free(entries);
}
