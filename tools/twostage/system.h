/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of a machine, seen below a root.
 *
 * With another root, of a chroot or a test, links are followed within it. Paths
 * are given as for printf(). After an error the path is in the system, for the
 * message. Functions return 0 or more, or a negative errno; -ENOENT only if the
 * file does not exist.
 */
#ifndef TWOSTAGE_SYSTEM_H
#define TWOSTAGE_SYSTEM_H

#include <dirent.h>
#include <limits.h>
#include <stddef.h>

struct system {
	int root;
	char path[PATH_MAX];	/* the last one asked for */
};

int system_open_root(struct system *system, const char *root);
void system_close_root(struct system *system);

__attribute__((format(printf, 3, 4)))
int system_open(struct system *system, int flags, const char *format, ...);
__attribute__((format(printf, 2, 3)))
int system_exists(struct system *system, const char *format, ...);
__attribute__((format(printf, 3, 4)))
int system_read(struct system *system, char **text, const char *format, ...);
__attribute__((format(printf, 4, 5)))
int system_read_line(struct system *system, char *line, size_t size,
		     const char *format, ...);
__attribute__((format(printf, 3, 4)))
int system_list(struct system *system, struct dirent ***entries,
		const char *format, ...);
void system_free_list(struct dirent **entries, int count);

#endif
