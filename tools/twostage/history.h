/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's history of a mounted filesystem: /proc/fs/btrfs_twostage.
 *
 * Columns are found by the names in its first line, so that a module which has
 * more of them is read as well.
 */
#ifndef TWOSTAGE_TOOL_HISTORY_H
#define TWOSTAGE_TOOL_HISTORY_H

#include <stdint.h>

#include "mounts.h"

#define HISTORY_MOST_COLUMNS	64

/**
 * struct history - a history, and where in it the reader is
 * @file: all of it, cut into words as it is read
 * @next: the lines not read yet
 * @columns: how many there are
 * @names: what they are called
 * @values: of the line read last
 */
struct history {
	struct system_file file;
	char *next;
	unsigned int columns;
	char *names[HISTORY_MOST_COLUMNS];
	char *values[HISTORY_MOST_COLUMNS];
};

int history_open(struct system *system, const struct mounted *mounted,
		 struct history *history);
void history_close(struct history *history);
int history_next(struct history *history);
const char *history_text(const struct history *history, const char *name);
int64_t history_number(const struct history *history, const char *name);

#endif
