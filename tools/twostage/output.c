// SPDX-License-Identifier: GPL-2.0
/*
 * Writes output, and tells what became of it; see output.h.
 *
 * A regular file is replaced whole, with its mode and owner, or not at all. What
 * is written is in memory first, so that errno is that of the write that failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "errors.h"
#include "output.h"

#define MOST_LINKS	40	/* that the kernel follows */

static int write_all(int fd, const char *text, size_t length)
{
	ssize_t written;

	for (; length; text += written, length -= written) {
		written = TEMP_FAILURE_RETRY(write(fd, text, length));
		if (written < 0)
			return -errno;
	}
	return 0;
}

static const char *name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The folder of @path with a slash, or "./"; to be freed. */
static char *folder_of(const char *path)
{
	int length = name_in(path) - path;
	char *folder;

	expect_memory(asprintf(&folder, "%.*s", length ? length : 2,
			       length ? path : "./") >= 0);
	return folder;
}

/* Whether a link is one of /proc/<pid>/fd, which lead to files that may have no name. */
static bool is_magic(const char *link)
{
	char *folder = folder_of(link);
	struct statfs status;
	bool magic = !statfs(folder, &status) && status.f_type == PROC_SUPER_MAGIC;

	free(folder);
	return magic;
}

/*
 * Follows links from @path, as far as a file that has a name: it need not be there
 * yet. Return: the path, to be freed, or NULL with errno.
 */
static char *follow_links(const char *path)
{
	char *link = strdup(path), *folder, *next, target[PATH_MAX];
	ssize_t length;
	int links;

	expect_memory(link);
	for (links = 0; links < MOST_LINKS; links++) {
		length = readlink(link, target, sizeof(target) - 1);
		if (length < 0 || is_magic(link))
			return link;
		target[length] = 0;
		folder = folder_of(link);
		expect_memory(asprintf(&next, "%s%s", *target == '/' ? "" : folder,
				       target) >= 0);
		free(folder);
		free(link);
		link = next;
	}
	free(link);
	errno = ELOOP;
	return NULL;
}

/* /dev/stdout and its like mean the open file, with its place, and not one to be opened. */
static int open_special(const char *path)
{
	char *folder = folder_of(path), *end;
	char *real = realpath(folder, NULL), own[64];
	long number = strtol(name_in(path), &end, 10);
	int fd = -1;

	snprintf(own, sizeof(own), "/proc/%d/fd", (int)getpid());
	if (real && !strcmp(real, own) && !*end)
		fd = fcntl(number, F_DUPFD_CLOEXEC, 0);
	else
		fd = open(path, O_WRONLY | O_CLOEXEC);
	free(real);
	free(folder);
	return fd < 0 ? -errno : fd;
}

/*
 * Opens @path if it is to be written into. Return: a file descriptor, or -ENOENT if
 * it is not there or a regular file that can be replaced.
 */
static int open_in_place(const char *path)
{
	struct stat status;

	if (lstat(path, &status))
		return -errno;
	return S_ISREG(status.st_mode) ? -ENOENT : open_special(path);
}

/*
 * The new file is as the old one, if there is one: others may read it, or must not.
 * Return: -EXDEV if its owner cannot be kept.
 */
static int keep_attributes(int fd, const char *path, mode_t mode)
{
	struct stat status;

	if (!stat(path, &status)) {
		if (fchown(fd, status.st_uid, status.st_gid))
			return errno == EPERM ? -EXDEV : -errno;
		mode = status.st_mode & 07777;
	} else if (errno != ENOENT) {
		return -errno;
	}
	return fchmod(fd, mode) ? -errno : 0;
}

static int replace(const char *path, const char *text, size_t length)
{
	char *temporary;
	mode_t mask = umask(0);
	int fd, ret;

	umask(mask);
	expect_memory(asprintf(&temporary, "%s.XXXXXX", path) >= 0);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		ret = -errno;
		goto out;
	}
	ret = keep_attributes(fd, path, 0666 & ~mask);
	if (!ret)
		ret = write_all(fd, text, length);
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret)
		unlink(temporary);
out:
	free(temporary);
	return ret;
}

static bool is_standard_output(const char *path)
{
	return !path || !strcmp(path, "-");
}

static int write_to(const char *path, const char *text, size_t length)
{
	char *target;
	int fd, ret;

	if (is_standard_output(path))
		return write_all(STDOUT_FILENO, text, length);
	target = follow_links(path);
	if (!target)
		return -errno;
	fd = open_in_place(target);
	if (fd >= 0) {
		ret = write_all(fd, text, length);
		if (close(fd) && !ret)
			ret = -errno;
	} else {
		ret = fd == -ENOENT ? replace(target, text, length) : fd;
	}
	free(target);
	return ret;
}

/**
 * output_print - print something to a file or to standard output
 * @path: the file; NULL or "-" is standard output
 * @print: prints @what
 * @what: what to print
 *
 * Return: 0 or a negative errno, after a message.
 */
int output_print(const char *path, void (*print)(FILE *out, const void *what),
		 const void *what)
{
	char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);
	int ret;

	expect_memory(memory);
	print(memory, what);
	expect_memory(!fclose(memory));
	ret = write_to(path, text, length);
	free(text);
	if (ret == -EXDEV)
		complain("%s: only root can replace it and keep its owner: remove it, or name another file",
			 path);
	else if (ret)
		complain_about_file(is_standard_output(path) ? "standard output" : path, ret);
	return ret;
}

/**
 * output_create - open a file for what is written over time
 * @path: the file, which must not exist if it is a regular one; "-" is standard output
 * @file: set on success; the caller closes it
 *
 * Return: 0 or a negative errno, without a message.
 */
int output_create(const char *path, FILE **file)
{
	char *target;
	int fd;

	if (!is_standard_output(path)) {
		target = follow_links(path);
		if (!target)
			return -errno;
		fd = open_in_place(target);
		if (fd == -ENOENT) {
			fd = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
			fd = fd < 0 ? -errno : fd;
		}
		free(target);
	} else {
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
		fd = fd < 0 ? -errno : fd;
	}
	if (fd < 0)
		return fd;
	*file = fdopen(fd, "w");
	expect_memory(*file);
	return 0;
}

/* Exits after a message if what was printed cannot be written. */
void output_flush(void)
{
	if (!fflush(stdout))
		return;
	complain_about_file("standard output", -errno);
	_exit(EXIT_FAILURE);
}
