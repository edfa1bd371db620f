/* SPDX-License-Identifier: GPL-2.0 */
/* The filesystems that our module or the stock one has mounted. */
#ifndef TWOSTAGE_MOUNTS_H
#define TWOSTAGE_MOUNTS_H

#include <stdbool.h>

#include "system.h"

#define IDENTIFIER_LENGTH	36

/**
 * struct mounted - a mounted filesystem
 * @identifier: its UUID
 * @folder: its module's folder in sysfs
 * @place: where it is mounted first, or its UUID
 * @ours: our module has mounted it
 */
struct mounted {
	char identifier[IDENTIFIER_LENGTH + 1];
	const char *folder;
	char *place;
	bool ours;
};

int mounts_list(struct system *system, struct mounted **list);
struct mounted *mounts_find(struct mounted *list, int count, const char *name);
void mounts_free(struct mounted *list, int count);

#endif
