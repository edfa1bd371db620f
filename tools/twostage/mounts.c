// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the filesystems that our module has mounted; see mounts.h.
 *
 * /proc/mounts gives the type "btrfs" to those of the stock module, too, and
 * with take-over sysfs has ours under its name; only ours have a `writeout`
 * there. One filesystem can have many lines: a bind mount and each subvolume
 * has its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "errors.h"
#include "mounts.h"

#define LINE_SIZE	65536	/* of /proc/mounts: overlays have long lines */

/*
 * Whether the filesystem has a device. Sysfs may know it by another name, as it
 * does a /dev/mapper/..., but by its number.
 */
static bool has_device(struct system *system, const struct mounted *mounted,
		       const char *device)
{
	char number[32], expected[32] = "";
	struct dirent **names = NULL;
	struct stat status;
	bool found = false;
	int count, fd, i;

	if (strncmp(device, "/dev/", 5))
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

/* Sets @identifier to that of the btrfs at @place of our own system. */
static bool ask_filesystem(const char *place, char identifier[IDENTIFIER_LENGTH + 1])
{
	struct btrfs_ioctl_fs_info_args info = {};
	const unsigned char *byte = info.fsid;
	int fd = open(place, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool answered;
	char *end = identifier;

	if (fd < 0)
		return false;
	answered = !ioctl(fd, BTRFS_IOC_FS_INFO, &info);
	close(fd);
	for (; byte < info.fsid + BTRFS_FSID_SIZE; byte++)
		end += sprintf(end, "%s%02x", end - identifier == 8 ||
			       end - identifier == 13 || end - identifier == 18 ||
			       end - identifier == 23 ? "-" : "", *byte);
	return answered;
}

/*
 * Whether a line of /proc/mounts is of a filesystem. A device does not tell a seed from
 * the filesystem that grew on it, but that tells its UUID; and a UUID does not tell a
 * filesystem from a copy of it that the stock module has mounted.
 */
static bool is_mounted_at(struct system *system, const struct mounted *mounted,
			  const struct mount_point *point)
{
	char identifier[IDENTIFIER_LENGTH + 1];

	if (!point->is_btrfs || !has_device(system, mounted, point->source))
		return false;
	return system->foreign || !ask_filesystem(point->place, identifier) ||
	       !strcmp(mounted->identifier, identifier);
}

static char *copy_text(const char *text)
{
	char *copy = strdup(text);

	expect_memory(copy);
	return copy;
}

/*
 * Of another root those that its init sees: /proc/mounts there would be what we see
 * ourselves. A root without processes may still have the file.
 */
static int open_table(struct system *system)
{
	int fd = -ENOENT;

	if (system->foreign)
		fd = system_open(system, O_RDONLY, "/proc/1/mounts");
	return fd == -ENOENT ? system_open(system, O_RDONLY, "/proc/mounts") : fd;
}

static int read_points(struct mounts *mounts)
{
	int fd = open_table(mounts->system);
	struct mntent entry;
	char *line;
	FILE *table;

	if (fd < 0)
		return fd;
	table = fdopen(fd, "r");
	line = malloc(LINE_SIZE);
	expect_memory(table && line);
	while (getmntent_r(table, &entry, line, LINE_SIZE)) {
		mounts->points = reallocarray(mounts->points, mounts->nr_points + 1,
					      sizeof(*mounts->points));
		expect_memory(mounts->points);
		mounts->points[mounts->nr_points++] = (struct mount_point){
			.source = copy_text(entry.mnt_fsname),
			.place = copy_text(entry.mnt_dir),
			.options = copy_text(entry.mnt_opts),
			.is_btrfs = !strcmp(entry.mnt_type, "btrfs"),
		};
	}
	free(line);
	fclose(table);
	return 0;
}

/* Whether something else is mounted on the same place, later. */
static bool is_hidden(const struct mounts *mounts, const struct mount_point *point)
{
	const struct mount_point *other;

	for (other = point + 1; other < mounts->points + mounts->nr_points; other++)
		if (!strcmp(other->place, point->place))
			return true;
	return false;
}

static const char *has_option(const char *options, const char *name)
{
	const struct mntent entry = { .mnt_opts = (char *)options };

	return hasmntopt(&entry, name);
}

static int add_mounted(struct mounts *mounts, const char *folder, const char *identifier)
{
	struct system *system = mounts->system;
	const struct mount_point *point;
	struct stat status = {};
	struct mounted *mounted;
	int fd, i;

	fd = system_open(system, O_PATH, "%s/%s/writeout/policy", folder, identifier);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	fstat(fd, &status);
	close(fd);
	mounts->list = reallocarray(mounts->list, mounts->count + 1, sizeof(*mounts->list));
	expect_memory(mounts->list);
	mounted = &mounts->list[mounts->count++];
	*mounted = (struct mounted){ .folder = folder, .instance = status.st_ino };
	memcpy(mounted->identifier, identifier, IDENTIFIER_LENGTH);
	mounted->read_only = true;
	for (i = 0; i < mounts->nr_points; i++) {
		point = &mounts->points[i];
		if (is_hidden(mounts, point) || !is_mounted_at(system, mounted, point))
			continue;
		if (!has_option(point->options, "ro"))
			mounted->read_only = false;
		if (mounted->place)
			continue;
		mounted->place = point->place;
		mounted->options = point->options;
	}
	if (!mounted->options)
		mounted->read_only = false;
	return 0;
}

static int add_folder(struct mounts *mounts, const char *folder)
{
	struct dirent **names = NULL;
	int i, nr_names, ret = 0;

	nr_names = read_names(system_open(mounts->system, O_RDONLY, "%s", folder), &names);
	if (nr_names < 0)
		return nr_names == -ENOENT ? 0 : nr_names;
	/* There are also `features` and others. */
	for (i = 0; i < nr_names && !ret; i++)
		if (strlen(names[i]->d_name) == IDENTIFIER_LENGTH)
			ret = add_mounted(mounts, folder, names[i]->d_name);
	free_names(names, nr_names);
	return ret;
}

/* Return: 0, or a negative errno. */
static int look_for(struct system *system, const char *path)
{
	int fd = system_open(system, O_PATH, "%s", path);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* Return: 0, or a negative errno after a message, and then @mounts is empty. */
int mounts_read(struct system *system, struct mounts *mounts)
{
	int i, ret;

	*mounts = (struct mounts){ .system = system };
	ret = read_points(mounts);
	if (!ret)
		ret = add_folder(mounts, "/sys/fs/btrfs_twostage");
	if (!ret)
		ret = add_folder(mounts, "/sys/fs/btrfs");
	/* Not that nothing is mounted. */
	if (!ret && !mounts->count)
		ret = look_for(system, "/sys/fs");
	/* The list does not move any more. */
	for (i = 0; i < mounts->count; i++)
		if (!mounts->list[i].place)
			mounts->list[i].place = mounts->list[i].identifier;
	if (!ret)
		return 0;
	mounts_free(mounts);
	return complain_about_file(system->path, ret);
}

/*
 * Sets @path to where a file of the system is when links are followed, or to @name
 * if it cannot be reached, and @mode to its type, or 0.
 */
static void resolve(struct system *system, const char *name, char path[PATH_MAX], mode_t *mode)
{
	int fd = system->foreign ? system_open(system, O_PATH, "%s", name) :
				   open(name, O_PATH | O_CLOEXEC);
	char link[64], root[PATH_MAX];
	ssize_t length = -1, prefix = 0;
	struct stat status;

	*mode = 0;
	if (fd >= 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		length = readlink(link, path, PATH_MAX - 1);
		if (length >= 0 && !fstat(fd, &status))
			*mode = status.st_mode;
		close(fd);
	}
	if (length < 0) {
		snprintf(path, PATH_MAX, "%s", name);
		return;
	}
	path[length] = 0;
	if (!system->foreign)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", system->root);
	prefix = readlink(link, root, sizeof(root));
	if (prefix <= 1 || strncmp(path, root, prefix))
		return;
	if (path[prefix] == '/')
		memmove(path, path + prefix, length - prefix + 1);
	else if (!path[prefix])
		strcpy(path, "/");
}

/*
 * The line of /proc/mounts that a path is below. Of two at one place the later hides the
 * other, but "/" comes after what the initramfs mounted below it.
 */
static const struct mount_point *find_point(const struct mounts *mounts, const char *path,
					    bool below)
{
	const struct mount_point *point, *found = NULL;
	size_t length, longest = 0;

	for (point = mounts->points; point < mounts->points + mounts->nr_points; point++) {
		length = strlen(point->place);
		if (length < longest || strncmp(path, point->place, length))
			continue;
		/* "/" is the only one that ends in a slash. */
		if (path[length] && (!below || (path[length] != '/' && length > 1)))
			continue;
		longest = length;
		found = point;
	}
	return found;
}

static bool has_label(struct system *system, const struct mounted *mounted, const char *label)
{
	char line[256];

	return !read_line(system_open(system, O_RDONLY, "%s/%s/label", mounted->folder,
				      mounted->identifier), line, sizeof(line)) &&
	       !strcmp(line, label);
}

/**
 * mounts_find - find a filesystem by any of its names
 * @mounts: the filesystems
 * @name: a path in it, a mount point above all; one of its devices; its UUID, also
 *	as UUID=; LABEL= and its label
 *
 * Return: NULL after a message, also if the name is that of two: a label; or where both
 * are mounted, what a seed has in common with the filesystem that grew from it.
 */
const struct mounted *mounts_find(const struct mounts *mounts, const char *name)
{
	const char *identifier = strncasecmp(name, "UUID=", 5) ? name : name + 5;
	const char *label = strncasecmp(name, "LABEL=", 6) || !name[6] ? NULL : name + 6;
	struct system *system = mounts->system;
	const struct mounted *mounted, *found = NULL;
	const struct mount_point *point;
	char path[PATH_MAX];
	mode_t mode;

	for (mounted = mounts->list; mounted < mounts->list + mounts->count; mounted++)
		if (!strcasecmp(mounted->identifier, identifier))
			return mounted;
	resolve(system, name, path, &mode);
	point = S_ISBLK(mode) ? NULL : find_point(mounts, path, mode);
	for (mounted = mounts->list; mounted < mounts->list + mounts->count; mounted++) {
		if (!(label && has_label(system, mounted, label)) &&
		    !(point && is_mounted_at(system, mounted, point)) &&
		    !has_device(system, mounted, path))
			continue;
		if (found) {
			complain("%s: more than one filesystem goes by this: name it by its UUID",
				 name);
			return NULL;
		}
		found = mounted;
	}
	if (found)
		return found;
	if (mounts->count)
		complain("%s: not mounted by btrfs_twostage: see twostage status", name);
	else
		complain(NOTHING_IS_MOUNTED);
	return NULL;
}

/* The free space cache in use: "v1", "v2" or "none"; NULL if that cannot be seen. */
const char *mounts_cache(const struct mounted *mounted)
{
	const char *option;

	if (!mounted->options)
		return NULL;
	option = has_option(mounted->options, "space_cache");
	if (!option)
		return "none";
	return strncmp(option, "space_cache=v2", 14) ? "v1" : "v2";
}

/* Return: a file descriptor for a file of `writeout`, or a negative errno. */
int mounts_open(struct system *system, const struct mounted *mounted, int flags,
		const char *name)
{
	return system_open(system, flags, "%s/%s/writeout/%s", mounted->folder,
			   mounted->identifier, name);
}

void mounts_free(struct mounts *mounts)
{
	while (mounts->nr_points--) {
		free(mounts->points[mounts->nr_points].source);
		free(mounts->points[mounts->nr_points].place);
		free(mounts->points[mounts->nr_points].options);
	}
	free(mounts->points);
	free(mounts->list);
	*mounts = (struct mounts){};
}
