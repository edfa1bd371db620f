/* SPDX-License-Identifier: GPL-2.0 */
/* The filesystems that our module has mounted. */
#ifndef TWOSTAGE_MOUNTS_H
#define TWOSTAGE_MOUNTS_H

#include "system.h"

#define IDENTIFIER_LENGTH	36

/**
 * struct mounted - a mounted filesystem
 * @identifier: its UUID
 * @folder: its module's folder in sysfs, another with take-over
 * @place: where it is mounted first, or its UUID
 */
struct mounted {
	char identifier[IDENTIFIER_LENGTH + 1];
	const char *folder;
	char *place;
};

int mounts_list(struct system *system, struct mounted **list);
struct mounted *mounts_find(struct mounted *list, int count, const char *name);
int mounts_open(struct system *system, const struct mounted *mounted, int flags,
		const char *name);
void mounts_free(struct mounted *list, int count);

#endif
