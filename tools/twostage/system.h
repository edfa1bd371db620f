/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine's files as seen below a root.
 *
 * Whoever wants to know something of the machine asks here, so that another
 * root, of a chroot or a test, is seen whole: links are followed within it.
 * Paths are given as for printf(). What fails leaves its path in the system,
 * for the message.
 */
#ifndef TWOSTAGE_SYSTEM_H
#define TWOSTAGE_SYSTEM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct system {
	int root;
	bool foreign;		/* the root is not our own */
	char path[PATH_MAX];	/* the one asked for last */
};

struct system_file {
	char *bytes;		/* a 0 follows the last */
	size_t size;
};

int system_open_root(struct system *system, const char *root);
void system_close_root(struct system *system);

__attribute__((format(printf, 3, 4)))
int system_open(struct system *system, int flags, const char *format, ...);
__attribute__((format(printf, 3, 4)))
int system_stat(struct system *system, struct stat *status,
		const char *format, ...);
__attribute__((format(printf, 2, 3)))
int system_exists(struct system *system, const char *format, ...);
__attribute__((format(printf, 3, 4)))
int system_read(struct system *system, struct system_file *file,
		const char *format, ...);
__attribute__((format(printf, 4, 5)))
int system_read_line(struct system *system, char *line, size_t size,
		     const char *format, ...);
__attribute__((format(printf, 3, 4)))
int system_list(struct system *system, char ***names, const char *format, ...);
void system_free_list(char **names);

#endif
