/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine's files, as seen below a root.
 *
 * With another root, of a chroot or a test, links are followed within it. What
 * fails leaves its path in the system, for the message.
 *
 * The functions that read take what system_open() returns, and close it; if it
 * is a negative errno, they return that.
 */
#ifndef TWOSTAGE_SYSTEM_H
#define TWOSTAGE_SYSTEM_H

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct system {
	int root;
	bool foreign;		/* the root is not our own */
	char path[PATH_MAX];	/* the one opened last */
};

int system_open_root(struct system *system, const char *root);
__attribute__((format(printf, 3, 4)))
int system_open(struct system *system, int flags, const char *format, ...);

int read_file(int fd, char **text);
int read_line(int fd, char *line, size_t size);
int read_names(int fd, struct dirent ***names);
void free_names(struct dirent **names, int count);

#endif
