/* SPDX-License-Identifier: GPL-2.0 */
/* The filesystems that are mounted, by our module or by the stock one. */
#ifndef TWOSTAGE_MOUNTS_H
#define TWOSTAGE_MOUNTS_H

#include "system.h"

#define IDENTIFIER_LENGTH	36

/**
 * struct mounted - a mounted filesystem
 * @identifier: its UUID
 * @folder: where its module has its folders in sysfs
 * @place: where it is mounted first, or its identifier
 * @ours: it is mounted by our module
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
