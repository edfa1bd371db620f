/* SPDX-License-Identifier: GPL-2.0 */
/* The filesystems that our module has mounted. */
#ifndef TWOSTAGE_MOUNTS_H
#define TWOSTAGE_MOUNTS_H

#include "system.h"

#define IDENTIFIER_LENGTH	36

struct mounted {
	char identifier[IDENTIFIER_LENGTH + 1];	/* its UUID */
	const char *folder;	/* in sysfs; with take-over, /sys/fs/btrfs */
	char *place;		/* where it is mounted first, or its UUID */
};

int mounts_list(struct system *system, struct mounted **list);
struct mounted *mounts_find(struct mounted *list, int count, const char *name);
int mounts_open(struct system *system, const struct mounted *mounted, int flags,
		const char *name);
void mounts_free(struct mounted *list, int count);

#endif
