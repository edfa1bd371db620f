// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the module's history of a mounted filesystem; see history.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

/* Cuts the next line into words. Return: how many, or 0 at the end. */
static int split_line(struct history *history, char **words)
{
	char *line = history->next, *end, *rest;
	unsigned int count = 0;

	end = strchr(line, '\n');
	if (!end)
		return 0;
	*end = 0;
	history->next = end + 1;
	for (; count < HISTORY_MOST_COLUMNS; count++) {
		words[count] = strtok_r(line, " ", &rest);
		line = NULL;
		if (!words[count])
			break;
	}
	return count;
}

/**
 * history_open - read the history of a mounted filesystem
 * @system: the system, which has the path that failed
 * @mounted: the filesystem, one of ours
 * @history: where it goes; to be closed by history_close()
 *
 * Return: 0, -EPROTO for a file that is none, or another negative errno.
 */
int history_open(struct system *system, const struct mounted *mounted,
		 struct history *history)
{
	int ret;

	ret = system_read(system, &history->file,
			  "/proc/fs/btrfs_twostage/%s/history",
			  mounted->identifier);
	if (ret)
		return ret;
	history->next = history->file.bytes;
	history->columns = split_line(history, history->names);
	if (history->columns)
		return 0;
	history_close(history);
	return -EPROTO;
}

/**
 * history_close - free what history_open() has read
 * @history: the history
 */
void history_close(struct history *history)
{
	free(history->file.bytes);
	history->file.bytes = NULL;
}

/**
 * history_next - go to the next commit
 * @history: the history
 *
 * Return: 1, 0 where there is none any more, or -EPROTO for a line that has not
 * as many words as the first.
 */
int history_next(struct history *history)
{
	unsigned int words = split_line(history, history->values);

	if (!words)
		return 0;
	return words == history->columns ? 1 : -EPROTO;
}

/**
 * history_text - what a column says of the commit
 * @history: the history, after history_next()
 * @name: the column's name
 *
 * Return: the word, or "" where there is no such column.
 */
const char *history_text(const struct history *history, const char *name)
{
	unsigned int i;

	for (i = 0; i < history->columns; i++)
		if (!strcmp(history->names[i], name))
			return history->values[i];
	return "";
}

/**
 * history_number - the same as a number
 * @history: the history, after history_next()
 * @name: the column's name
 *
 * Return: the number, or 0 where there is no such column.
 */
int64_t history_number(const struct history *history, const char *name)
{
	return strtoll(history_text(history, name), NULL, 10);
}
