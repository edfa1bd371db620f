// SPDX-License-Identifier: GPL-2.0
/*
 * Files below a root; see system.h.
 *
 * Functions return 0 or more, or a negative errno: -ENOENT only when the thing
 * is not there, so that a caller can tell "missing" from "cannot be read".
 */
#include <dirent.h>
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

/* What we read is small; a file that is larger is not what it should be. */
#define LARGEST_FILE	(256UL << 20)

/**
 * system_open_root - begin to look at a root
 * @system: what the other functions take
 * @root: a directory; "/" is the machine itself
 *
 * Return: 0 or a negative errno.
 */
int system_open_root(struct system *system, const char *root)
{
	struct stat own, other;

	*system = (struct system){ .root = -1 };
	snprintf(system->path, sizeof(system->path), "%s", root);
	system->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (system->root < 0 || stat("/", &own) ||
	    fstat(system->root, &other))
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

/* A path where something else than a directory is in the way is not there. */
static int errno_of_path(void)
{
	return errno == ENOTDIR ? -ENOENT : -errno;
}

static int open_path(struct system *system, int flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT };
	int fd;

	if (system->foreign)
		fd = syscall(SYS_openat2, system->root, system->path, &how,
			     sizeof(how));
	else
		fd = open(system->path, flags | O_CLOEXEC);
	return fd < 0 ? errno_of_path() : fd;
}

static int set_path(struct system *system, const char *format, va_list arguments)
{
	int length = vsnprintf(system->path, sizeof(system->path), format,
			       arguments);

	return length < (int)sizeof(system->path) ? 0 : -ENAMETOOLONG;
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
	va_list arguments;
	int ret;

	va_start(arguments, format);
	ret = set_path(system, format, arguments);
	va_end(arguments);
	return ret ? ret : open_path(system, flags);
}

static int stat_path(struct system *system, struct stat *status)
{
	int fd, ret = 0;

	fd = open_path(system, O_PATH);
	if (fd < 0)
		return fd;
	if (fstat(fd, status))
		ret = -errno;
	close(fd);
	return ret;
}

/**
 * system_stat - the status of a file; links are followed
 * @system: the system
 * @status: where it goes
 * @format: its path
 *
 * Return: 0 or a negative errno.
 */
int system_stat(struct system *system, struct stat *status, const char *format,
		...)
{
	va_list arguments;
	int ret;

	va_start(arguments, format);
	ret = set_path(system, format, arguments);
	va_end(arguments);
	return ret ? ret : stat_path(system, status);
}

/**
 * system_exists - whether a file is there
 * @system: the system
 * @format: its path
 *
 * Return: 1 or 0, or a negative errno when that cannot be told.
 */
int system_exists(struct system *system, const char *format, ...)
{
	struct stat status;
	va_list arguments;
	int ret;

	va_start(arguments, format);
	ret = set_path(system, format, arguments);
	va_end(arguments);
	if (!ret)
		ret = stat_path(system, &status);
	if (ret == -ENOENT)
		return 0;
	return ret ? ret : 1;
}

/* Sizes of files in /proc and /sys say nothing: read to the end. */
static int read_all(int fd, struct system_file *file)
{
	size_t space = 0;
	ssize_t got;
	char *larger;

	*file = (struct system_file){ 0 };
	do {
		if (file->size + 1 >= space) {
			space = space ? 2 * space : 4096;
			larger = realloc(file->bytes, space);
			if (!larger)
				return -ENOMEM;
			file->bytes = larger;
		}
		got = read(fd, file->bytes + file->size,
			   space - file->size - 1);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			file->size += got;
		if (file->size > LARGEST_FILE)
			return -EFBIG;
	} while (got);
	file->bytes[file->size] = 0;
	return 0;
}

static int read_path(struct system *system, struct system_file *file)
{
	int fd, ret;

	*file = (struct system_file){ 0 };
	/* A pipe in place of a file must not stop us. */
	fd = open_path(system, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return fd;
	ret = read_all(fd, file);
	close(fd);
	if (ret) {
		free(file->bytes);
		*file = (struct system_file){ 0 };
	}
	return ret;
}

/**
 * system_read - the whole of a file
 * @system: the system
 * @file: where it goes; its bytes are to be freed, and NULL after a failure
 * @format: its path
 *
 * Return: 0 or a negative errno.
 */
int system_read(struct system *system, struct system_file *file,
		const char *format, ...)
{
	va_list arguments;
	int ret;

	*file = (struct system_file){ 0 };
	va_start(arguments, format);
	ret = set_path(system, format, arguments);
	va_end(arguments);
	return ret ? ret : read_path(system, file);
}

/**
 * system_read_line - the first line of a file, without its newline
 * @system: the system
 * @line: where it goes, cut to the space there; empty after a failure
 * @size: that space
 * @format: the file's path
 *
 * Return: 0 or a negative errno.
 */
int system_read_line(struct system *system, char *line, size_t size,
		     const char *format, ...)
{
	struct system_file file;
	va_list arguments;
	int ret;

	line[0] = 0;
	va_start(arguments, format);
	ret = set_path(system, format, arguments);
	va_end(arguments);
	if (!ret)
		ret = read_path(system, &file);
	if (ret)
		return ret;
	snprintf(line, size, "%.*s", (int)strcspn(file.bytes, "\n"),
		 file.bytes);
	free(file.bytes);
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static int read_names(DIR *directory, char ***names, size_t *count)
{
	struct dirent *entry;
	char **larger;

	for (;;) {
		larger = realloc(*names, (*count + 1) * sizeof(**names));
		if (!larger)
			return -ENOMEM;
		*names = larger;
		larger[*count] = NULL;
		errno = 0;
		entry = readdir(directory);
		if (!entry)
			return -errno;
		if (entry->d_name[0] == '.')
			continue;
		larger[*count] = strdup(entry->d_name);
		if (!larger[*count])
			return -ENOMEM;
		++*count;
	}
}

/**
 * system_list - the names in a directory, sorted, without the hidden ones
 * @system: the system
 * @names: where they go, NULL after the last; for system_free_list()
 * @format: the directory's path
 *
 * Return: 0 or a negative errno, and then there are no names.
 */
int system_list(struct system *system, char ***names, const char *format, ...)
{
	DIR *directory = NULL;
	size_t count = 0;
	va_list arguments;
	int fd, ret;

	*names = NULL;
	va_start(arguments, format);
	ret = set_path(system, format, arguments);
	va_end(arguments);
	if (ret)
		return ret;
	fd = open_path(system, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	directory = fdopendir(fd);
	if (!directory) {
		ret = -errno;
		close(fd);
		return ret;
	}
	ret = read_names(directory, names, &count);
	closedir(directory);
	if (ret) {
		system_free_list(*names);
		*names = NULL;
		return ret;
	}
	qsort(*names, count, sizeof(**names), compare_names);
	return 0;
}

void system_free_list(char **names)
{
	char **name;

	for (name = names; name && *name; name++)
		free(*name);
	free(names);
}
