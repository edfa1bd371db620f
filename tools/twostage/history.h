/* SPDX-License-Identifier: GPL-2.0 */
/* The last commits of a filesystem, /proc/fs/btrfs_twostage/<fsid>/history. */
#ifndef TWOSTAGE_HISTORY_H
#define TWOSTAGE_HISTORY_H

#include "json.h"
#include "system.h"

int history_read(struct system *system, const char *identifier, struct json_object **commits);

#endif
