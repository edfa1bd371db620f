// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the history of a filesystem; see history.h.
 *
 * Columns go by the names in the first line, so that a module with more columns, or
 * fewer, can be read, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

/* A line as JSON, or NULL if it does not match the heading. */
static struct json_object *parse_commit(const char *identifier, const char *heading, char *line)
{
	struct json_object *commit = json_made(json_object_new_object());
	char *names, *name, *word;
	struct json_object *value;

	json_set_text(commit, "fsid", identifier);
	name = strtok_r(strdupa(heading), " ", &names);
	word = strtok_r(line, " ", &line);
	while (name && word) {
		if (!strcmp(name, "policy"))
			value = json_object_new_string(word);
		else
			value = json_object_new_int64(strtoll(word, NULL, 10));
		json_set(commit, name, json_made(value));
		name = strtok_r(NULL, " ", &names);
		word = strtok_r(NULL, " ", &line);
	}
	if (!name && !word)
		return commit;
	json_object_put(commit);
	return NULL;
}

static int parse_history(const char *identifier, char *text, struct json_object *commits)
{
	const char *heading = strsep(&text, "\n");
	struct json_object *commit;
	char *line;

	if (!text || !*heading)
		return -EPROTO;
	while ((line = strsep(&text, "\n")) && *line) {
		commit = parse_commit(identifier, heading, line);
		if (!commit)
			return -EPROTO;
		json_append(commits, commit);
	}
	return 0;
}

/**
 * history_read - read the last commits of a filesystem
 * @system: where
 * @identifier: its UUID
 * @commits: set on success to a list, oldest first, as `twostage watch --json` has them
 *
 * Return: 0 or a negative errno, without a message: -ENOENT where it is not mounted, or
 * not any more.
 */
int history_read(struct system *system, const char *identifier, struct json_object **commits)
{
	char *text;
	int ret;

	*commits = json_made(json_object_new_array());
	ret = read_file(system_open(system, O_RDONLY, "/proc/fs/btrfs_twostage/%s/history",
				    identifier), &text);
	/* The file is removed at unmount, and then cannot be read, open or not. */
	if (ret == -EIO)
		ret = -ENOENT;
	if (!ret)
		ret = parse_history(identifier, text, *commits);
	free(text);
	if (ret)
		json_object_put(*commits);
	return ret;
}
