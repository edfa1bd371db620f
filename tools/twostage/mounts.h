/* SPDX-License-Identifier: GPL-2.0 */
/* The filesystems that our module has mounted, and where they are mounted. */
#ifndef TWOSTAGE_MOUNTS_H
#define TWOSTAGE_MOUNTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "system.h"

#define IDENTIFIER_LENGTH	36

struct mounted {
	char identifier[IDENTIFIER_LENGTH + 1];	/* its UUID */
	const char *folder;	/* in sysfs; with take-over, /sys/fs/btrfs */
	const char *place;	/* where it is mounted first, or its UUID */
	ino_t instance;		/* of its sysfs files: another after each mount */
	bool read_only;		/* wherever it is mounted */
	const char *options;	/* as in /proc/mounts, or NULL: mounted where we cannot see it */
};

/* A line of /proc/mounts */
struct mount_point {
	char *source;
	char *place;
	char *options;
	bool is_btrfs;
};

struct mounts {
	struct system *system;
	struct mounted *list;
	int count;
	struct mount_point *points;
	int nr_points;
};

int mounts_read(struct system *system, struct mounts *mounts);
const struct mounted *mounts_find(const struct mounts *mounts, const char *name);
void mounts_free(struct mounts *mounts);

const char *mounts_cache(const struct mounted *mounted);
int mounts_open(struct system *system, const struct mounted *mounted, int flags,
		const char *name);

#endif
