// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the mounted filesystems of both modules; see mounts.h.
 *
 * Both have the type "btrfs" in /proc/mounts; only ours has a directory
 * `writeout` in sysfs. With take-over ours is found under the stock module's
 * name.
 */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "errors.h"
#include "mounts.h"

static const char *const folders[] = {
	"/sys/fs/btrfs_twostage", "/sys/fs/btrfs",
};

/*
 * Whether the filesystem has a device that is given as in /proc/mounts. Sysfs
 * may know it by another name, as it does a /dev/mapper/..., but by its number.
 */
static bool has_device(struct system *system, const struct mounted *mounted,
		       const char *device)
{
	char number[32], expected[32] = "";
	char **names, **name;
	struct stat status;
	bool found = false;

	if (device[0] != '/' ||
	    system_list(system, &names, "%s/%s/devices", mounted->folder,
			mounted->identifier))
		return false;
	if (!system_stat(system, &status, "%s", device) &&
	    S_ISBLK(status.st_mode))
		snprintf(expected, sizeof(expected), "%u:%u",
			 major(status.st_rdev), minor(status.st_rdev));
	for (name = names; *name && !found; name++)
		found = !strcmp(strrchr(device, '/') + 1, *name) ||
			(*expected &&
			 !system_read_line(system, number, sizeof(number),
					   "%s/%s/devices/%s/dev",
					   mounted->folder,
					   mounted->identifier, *name) &&
			 !strcmp(number, expected));
	system_free_list(names);
	return found;
}

/* Sets where the filesystem is mounted first, or its UUID if it is nowhere. */
static int find_place(struct system *system, struct mounted *mounted)
{
	const char *place = NULL;
	struct mntent *entry;
	FILE *table;
	int fd;

	fd = system_open(system, O_RDONLY, "/proc/mounts");
	if (fd < 0)
		return fd;
	table = fdopen(fd, "r");
	if (!table) {
		close(fd);
		return -ENOMEM;
	}
	while (!place && (entry = getmntent(table)))
		if (!strcmp(entry->mnt_type, "btrfs") &&
		    has_device(system, mounted, entry->mnt_fsname))
			place = entry->mnt_dir;
	mounted->place = strdup(place ? place : mounted->identifier);
	fclose(table);
	return mounted->place ? 0 : -ENOMEM;
}

static int add_mounted(struct system *system, struct mounted **list, int *count,
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
	ret = find_place(system, mounted);
	if (!ret)
		++*count;
	return ret;
}

/**
 * mounts_list - list the mounted filesystems of both modules
 * @system: the system
 * @list: where they go; to be freed by mounts_free()
 *
 * Return: how many, or a negative errno, and then there is no list.
 */
int mounts_list(struct system *system, struct mounted **list)
{
	char **names, **name;
	int count = 0, ret = 0;
	size_t i;

	*list = NULL;
	for (i = 0; i < sizeof(folders) / sizeof(*folders) && !ret; i++) {
		ret = system_list(system, &names, "%s", folders[i]);
		if (ret == -ENOENT)
			ret = 0;
		/* There are also `features` and others. */
		for (name = names; name && *name && !ret; name++)
			if (strlen(*name) == IDENTIFIER_LENGTH)
				ret = add_mounted(system, list, &count,
						  folders[i], *name);
		system_free_list(names);
	}
	if (!ret)
		return count;
	mounts_free(*list, count);
	*list = NULL;
	return ret;
}

/**
 * mounts_find - find one that our module has mounted
 * @list: from mounts_list()
 * @count: how many are in it
 * @name: where it is mounted, or its UUID
 *
 * Return: the filesystem in the list, or NULL after a message.
 */
struct mounted *mounts_find(struct mounted *list, int count, const char *name)
{
	char *place = realpath(name, NULL);
	struct mounted *found = NULL;
	int i;

	for (i = 0; i < count && !found; i++)
		if (list[i].ours &&
		    (!strcmp(list[i].identifier, name) ||
		     !strcmp(list[i].place, name) ||
		     (place && !strcmp(list[i].place, place))))
			found = &list[i];
	free(place);
	if (!found)
		complain("%s: not mounted by btrfs_twostage: see twostage status",
			 name);
	return found;
}

/**
 * mounts_free - free what mounts_list() has made
 * @list: the list
 * @count: how many are in it
 */
void mounts_free(struct mounted *list, int count)
{
	while (count--)
		free(list[count].place);
	free(list);
}
