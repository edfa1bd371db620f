// SPDX-License-Identifier: GPL-2.0
/*
 * Programs of a system; see system.h.
 *
 * They are looked for below the root, where PATH says and where a user's PATH
 * often does not, and run in our own, without input, in the C locale, and not
 * for longer than TIME_LIMIT: a diagnosis must not hang on what it diagnoses.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "system.h"

#define TIME_LIMIT	20	/* seconds */
#define MOST_OUTPUT	4096	/* more than any of them says */

static const char also_searched[] = "/usr/local/sbin:/usr/sbin:/sbin";

/* Return: a descriptor of the program, which execve() passes on. */
static int open_program(struct system *system, const char *folder, int length,
			const char *name)
{
	struct stat status;
	int fd;

	if (!length || folder[0] != '/')
		return -ENOENT;
	fd = system_open(system, O_PATH, "%.*s/%s", length, folder, name);
	if (fd < 0)
		return fd;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode) ||
	    !(status.st_mode & 0111)) {
		close(fd);
		return -ENOENT;
	}
	/* A script's interpreter opens it through this descriptor. */
	fcntl(fd, F_SETFD, 0);
	return fd;
}

/**
 * system_find_program - open a program
 * @system: the system
 * @name: its name
 *
 * Return: a file descriptor, or -ENOENT.
 */
int system_find_program(struct system *system, const char *name)
{
	const char *paths[] = { getenv("PATH"), also_searched };
	const char *folder;
	size_t i, length;
	int fd;

	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		for (folder = paths[i]; folder && *folder;
		     folder += length + (folder[length] == ':')) {
			length = strcspn(folder, ":");
			fd = open_program(system, folder, length, name);
			if (fd >= 0)
				return fd;
		}
	}
	return -ENOENT;
}

static void become(int program, int output, const char *const *arguments)
{
	int nothing = open("/dev/null", O_RDONLY);

	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		_exit(127);
	setenv("LC_ALL", "C", 1);
	fexecve(program, (char *const *)arguments, environ);
	_exit(127);
}

static int milliseconds_left(const struct timespec *deadline)
{
	struct timespec now;
	long long left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (deadline->tv_sec - now.tv_sec) * 1000LL +
	       (deadline->tv_nsec - now.tv_nsec) / 1000000;
	return left > 0 ? left : 0;
}

/* Reads to the end, and keeps what there is room for. */
static int collect(int fd, struct system_file *output)
{
	struct pollfd wait_for = { .fd = fd, .events = POLLIN };
	struct timespec deadline;
	char rest[512];
	ssize_t got;
	size_t room;
	int ret;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += TIME_LIMIT;
	do {
		ret = poll(&wait_for, 1, milliseconds_left(&deadline));
		if (!ret)
			return -ETIMEDOUT;
		if (ret < 0 && errno != EINTR)
			return -errno;
		if (ret < 0)
			continue;
		room = MOST_OUTPUT - output->size;
		got = read(fd, room ? output->bytes + output->size : rest,
			   room ? room : sizeof(rest));
		if (got < 0)
			return -errno;
		if (room)
			output->size += got;
	} while (ret < 0 || got);
	output->bytes[output->size] = 0;
	return 0;
}

static int start(int program, int *output, const char *const *arguments,
		 pid_t *child)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	*child = fork();
	if (*child < 0) {
		close(ends[0]);
		close(ends[1]);
		return -errno;
	}
	if (!*child)
		become(program, ends[1], arguments);
	close(ends[1]);
	*output = ends[0];
	return 0;
}

/* Its exit status tells nothing: mokutil's depends on its version. */
static int finish(pid_t child, int ret)
{
	int status;

	if (ret)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!ret && (!WIFEXITED(status) || WEXITSTATUS(status) == 127))
		return -ENOEXEC;
	return ret;
}

/**
 * system_run - run a program and take what it says
 * @system: the system
 * @arguments: its name, its arguments, NULL
 * @output: what it wrote to either output; its bytes are to be freed, and NULL
 *	after a failure
 *
 * Return: 0, -ENOENT when there is no such program, -ENOEXEC when it cannot be
 * run, -ETIMEDOUT, or another negative errno.
 */
int system_run(struct system *system, const char *const *arguments,
	       struct system_file *output)
{
	int program, fd = -1, ret;
	pid_t child = -1;

	*output = (struct system_file){ 0 };
	program = system_find_program(system, arguments[0]);
	if (program < 0)
		return program;
	output->bytes = malloc(MOST_OUTPUT + 1);
	ret = output->bytes ? 0 : -ENOMEM;
	if (!ret)
		ret = start(program, &fd, arguments, &child);
	if (!ret) {
		ret = finish(child, collect(fd, output));
		close(fd);
	}
	close(program);
	if (ret) {
		free(output->bytes);
		*output = (struct system_file){ 0 };
	}
	return ret;
}
