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
#include <sys/stat.h>
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
	struct dirent **entries;
	struct stat status;
	bool found = false;
	int count, fd, i;

	if (device[0] != '/')
		return false;
	count = system_list(system, &entries, "%s/%s/devices", mounted->folder,
			    mounted->identifier);
	fd = system_open(system, O_PATH, "%s", device);
	if (fd >= 0 && !fstat(fd, &status) && S_ISBLK(status.st_mode))
		snprintf(expected, sizeof(expected), "%u:%u",
			 major(status.st_rdev), minor(status.st_rdev));
	if (fd >= 0)
		close(fd);
	for (i = 0; i < count && !found; i++)
		found = !strcmp(strrchr(device, '/') + 1, entries[i]->d_name) ||
			(*expected &&
			 !system_read_line(system, number, sizeof(number),
					   "%s/%s/devices/%s/dev", mounted->folder,
					   mounted->identifier, entries[i]->d_name) &&
			 !strcmp(number, expected));
	system_free_list(entries, count);
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
	struct dirent **entries;
	int count = 0, ret = 0, i, found;
	size_t folder;

	*list = NULL;
	for (folder = 0; folder < sizeof(folders) / sizeof(*folders) && !ret; folder++) {
		found = system_list(system, &entries, "%s", folders[folder]);
		if (found < 0 && found != -ENOENT)
			ret = found;
		/* There are also `features` and others. */
		for (i = 0; i < found && !ret; i++)
			if (strlen(entries[i]->d_name) == IDENTIFIER_LENGTH)
				ret = add_mounted(system, list, &count, folders[folder],
						  entries[i]->d_name);
		system_free_list(entries, found);
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
