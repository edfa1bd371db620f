// SPDX-License-Identifier: GPL-2.0
/*
 * Which filesystems are mounted, by which of the two modules; see mounts.h.
 *
 * Both give the type "btrfs" in /proc/mounts; what tells them apart is the
 * directory `writeout` that ours has in sysfs. With take-over ours is found
 * under the stock module's name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "mounts.h"

static const char *const folders[] = {
	"/sys/fs/btrfs_twostage", "/sys/fs/btrfs",
};

/* Whether a device of /proc/mounts has this name or number in sysfs. */
static bool is_device(struct system *system, const char *folder,
		      const char *identifier, const char *name,
		      const char *device)
{
	char number[32], expected[32];
	struct stat status;

	if (!strcmp(strrchr(device, '/') + 1, name))
		return true;
	if (system_stat(system, &status, "%s", device) ||
	    !S_ISBLK(status.st_mode) ||
	    system_read_line(system, number, sizeof(number),
			     "%s/%s/devices/%s/dev", folder, identifier, name))
		return false;
	snprintf(expected, sizeof(expected), "%u:%u", major(status.st_rdev),
		 minor(status.st_rdev));
	return !strcmp(number, expected);
}

static bool has_device(struct system *system, const char *folder,
		       const char *identifier, const char *device)
{
	char **names, **name;
	bool found = false;

	if (device[0] != '/' ||
	    system_list(system, &names, "%s/%s/devices", folder,
			identifier))
		return false;
	for (name = names; *name && !found; name++)
		found = is_device(system, folder, identifier, *name, device);
	system_free_list(names);
	return found;
}

/* /proc/mounts has a space as \040, and so on. */
static void unescape(char *text)
{
	unsigned int byte;
	char *out = text;

	while (*text) {
		if (sscanf(text, "\\%3o", &byte) == 1) {
			*out++ = byte;
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = 0;
}

/* Sets @place to where it is mounted first, or to its identifier. */
static int find_place(struct system *system, const char *folder,
		      const char *identifier, char **place)
{
	char *line, *next, *device, *where, *type, *rest;
	struct system_file file;
	int ret;

	*place = NULL;
	ret = system_read(system, &file, "/proc/mounts");
	if (ret)
		return ret;
	for (line = file.bytes; line && !*place; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		device = strtok_r(line, " ", &rest);
		where = strtok_r(NULL, " ", &rest);
		type = strtok_r(NULL, " ", &rest);
		if (type && !strcmp(type, "btrfs") &&
		    has_device(system, folder, identifier, device)) {
			unescape(where);
			*place = strdup(where);
		}
	}
	free(file.bytes);
	if (!*place)
		*place = strdup(identifier);
	return *place ? 0 : -ENOMEM;
}

static int add_one(struct system *system, struct mounted **list, int *count,
		   const char *folder, const char *identifier)
{
	struct mounted *longer, *mounted;
	int ours, ret;

	ours = system_exists(system, "%s/%s/writeout/policy", folder,
			     identifier);
	if (ours < 0)
		return ours;
	longer = reallocarray(*list, *count + 1, sizeof(**list));
	if (!longer)
		return -ENOMEM;
	*list = longer;
	mounted = &longer[*count];
	*mounted = (struct mounted){ .folder = folder, .ours = ours };
	memcpy(mounted->identifier, identifier, IDENTIFIER_LENGTH);
	ret = find_place(system, folder, identifier, &mounted->place);
	if (!ret)
		++*count;
	return ret;
}

static int add_folder(struct system *system, struct mounted **list, int *count,
		      const char *folder)
{
	char **names, **name;
	int ret;

	ret = system_list(system, &names, "%s", folder);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	for (name = names; *name && !ret; name++) {
		/* Beside filesystems there are `features` and others. */
		if (strlen(*name) == IDENTIFIER_LENGTH)
			ret = add_one(system, list, count, folder, *name);
	}
	system_free_list(names);
	return ret;
}

/**
 * mounts_list - all mounted filesystems of either module
 * @system: the system
 * @list: where they go; to be freed by mounts_free()
 *
 * Return: how many, or a negative errno, and then there is no list.
 */
int mounts_list(struct system *system, struct mounted **list)
{
	size_t i;
	int count = 0, ret;

	*list = NULL;
	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		ret = add_folder(system, list, &count, folders[i]);
		if (ret) {
			mounts_free(*list, count);
			*list = NULL;
			return ret;
		}
	}
	return count;
}

/**
 * mounts_find - one of those that our module has mounted
 * @list: a list of mounts_list()
 * @count: how many are on it
 * @name: where it is mounted, or its UUID
 *
 * Return: the filesystem on the list, or NULL.
 */
struct mounted *mounts_find(struct mounted *list, int count, const char *name)
{
	char *place = realpath(name, NULL);
	struct mounted *found = NULL;
	int i;

	for (i = 0; i < count && !found; i++) {
		if (!list[i].ours)
			continue;
		if (!strcmp(list[i].identifier, name) ||
		    !strcmp(list[i].place, name) ||
		    (place && !strcmp(list[i].place, place)))
			found = &list[i];
	}
	free(place);
	return found;
}

/**
 * mounts_free - free what mounts_list() has made
 * @list: the list
 * @count: how many are on it
 */
void mounts_free(struct mounted *list, int count)
{
	while (count--)
		free(list[count].place);
	free(list);
}
