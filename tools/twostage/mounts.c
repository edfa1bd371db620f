// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the filesystems that our module has mounted; see mounts.h.
 *
 * /proc/mounts gives the type "btrfs" to those of the stock module, too, and
 * with take-over sysfs has ours under its name; only ours have a `writeout`
 * there.
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

/*
 * Whether the filesystem has a device that is given as in /proc/mounts. Sysfs
 * may know it by another name, as it does a /dev/mapper/..., but by its number.
 */
static bool has_device(struct system *system, const struct mounted *mounted,
		       const char *device)
{
	char number[32], expected[32] = "";
	struct dirent **names = NULL;
	struct stat status;
	bool found = false;
	int count, fd, i;

	if (device[0] != '/')
		return false;
	fd = system_open(system, O_PATH, "%s", device);
	if (fd >= 0) {
		if (!fstat(fd, &status) && S_ISBLK(status.st_mode))
			snprintf(expected, sizeof(expected), "%u:%u",
				 major(status.st_rdev), minor(status.st_rdev));
		close(fd);
	}
	count = read_names(system_open(system, O_RDONLY, "%s/%s/devices",
				       mounted->folder, mounted->identifier),
			   &names);
	for (i = 0; i < count && !found; i++) {
		found = !strcmp(strrchr(device, '/') + 1, names[i]->d_name);
		if (found || !*expected)
			continue;
		fd = system_open(system, O_RDONLY, "%s/%s/devices/%s/dev",
				 mounted->folder, mounted->identifier,
				 names[i]->d_name);
		found = !read_line(fd, number, sizeof(number)) &&
			!strcmp(number, expected);
	}
	free_names(names, count);
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
	expect_memory(table);
	while (!place && (entry = getmntent(table)))
		if (!strcmp(entry->mnt_type, "btrfs") &&
		    has_device(system, mounted, entry->mnt_fsname))
			place = entry->mnt_dir;
	mounted->place = strdup(place ? place : mounted->identifier);
	expect_memory(mounted->place);
	fclose(table);
	return 0;
}

static int add_mounted(struct system *system, struct mounted **list, int *count,
		       const char *folder, const char *identifier)
{
	struct mounted *mounted;
	int fd, ret;

	fd = system_open(system, O_PATH, "%s/%s/writeout/policy", folder, identifier);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	close(fd);
	*list = reallocarray(*list, *count + 1, sizeof(**list));
	expect_memory(*list);
	mounted = &(*list)[*count];
	*mounted = (struct mounted){ .folder = folder };
	memcpy(mounted->identifier, identifier, IDENTIFIER_LENGTH);
	ret = find_place(system, mounted);
	if (!ret)
		++*count;
	return ret;
}

static int add_folder(struct system *system, struct mounted **list, int *count,
		      const char *folder)
{
	struct dirent **names = NULL;
	int i, nr_names, ret = 0;

	nr_names = read_names(system_open(system, O_RDONLY, "%s", folder), &names);
	if (nr_names < 0)
		return nr_names == -ENOENT ? 0 : nr_names;
	/* There are also `features` and others. */
	for (i = 0; i < nr_names && !ret; i++)
		if (strlen(names[i]->d_name) == IDENTIFIER_LENGTH)
			ret = add_mounted(system, list, count, folder, names[i]->d_name);
	free_names(names, nr_names);
	return ret;
}

/* Return: how many, or a negative errno after a message, and then no list. */
int mounts_list(struct system *system, struct mounted **list)
{
	int count = 0, ret;

	*list = NULL;
	ret = add_folder(system, list, &count, "/sys/fs/btrfs_twostage");
	if (!ret)
		ret = add_folder(system, list, &count, "/sys/fs/btrfs");
	if (!ret)
		return count;
	mounts_free(*list, count);
	return complain_about_file(system->path, ret);
}

/* Finds one by its mount point or UUID. Return: NULL after a message. */
struct mounted *mounts_find(struct mounted *list, int count, const char *name)
{
	char *place = realpath(name, NULL);
	struct mounted *found = NULL;
	int i;

	for (i = 0; i < count && !found; i++)
		if (!strcmp(list[i].identifier, name) ||
		    !strcmp(list[i].place, name) ||
		    (place && !strcmp(list[i].place, place)))
			found = &list[i];
	free(place);
	if (!found)
		complain("%s: not mounted by btrfs_twostage: see twostage status", name);
	return found;
}

/* Return: a file descriptor for a file of `writeout`, or a negative errno. */
int mounts_open(struct system *system, const struct mounted *mounted, int flags,
		const char *name)
{
	return system_open(system, flags, "%s/%s/writeout/%s", mounted->folder,
			   mounted->identifier, name);
}

void mounts_free(struct mounted *list, int count)
{
	while (count--)
		free(list[count].place);
	free(list);
}
