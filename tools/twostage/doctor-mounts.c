// SPDX-License-Identifier: GPL-2.0
/*
 * Which filesystems are mounted, by which of the two modules.
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

#include "doctor.h"

#define IDENTIFIER_LENGTH	36

struct listing {
	FILE *out;
	bool ours;		/* which of them are listed */
	size_t count;
};

static const char *const folders[] = {
	"/sys/fs/btrfs_twostage", "/sys/fs/btrfs",
};

/* Whether a device of /proc/mounts has this name or number in sysfs. */
static bool is_device(struct doctor *doctor, const char *folder,
		      const char *identifier, const char *name,
		      const char *device)
{
	char number[32], expected[32];
	struct stat status;

	if (!strcmp(strrchr(device, '/') + 1, name))
		return true;
	if (system_stat(&doctor->system, &status, "%s", device) ||
	    !S_ISBLK(status.st_mode) ||
	    system_read_line(&doctor->system, number, sizeof(number),
			     "%s/%s/devices/%s/dev", folder, identifier, name))
		return false;
	snprintf(expected, sizeof(expected), "%u:%u", major(status.st_rdev),
		 minor(status.st_rdev));
	return !strcmp(number, expected);
}

static bool has_device(struct doctor *doctor, const char *folder,
		       const char *identifier, const char *device)
{
	char **names, **name;
	bool found = false;

	if (device[0] != '/' ||
	    system_list(&doctor->system, &names, "%s/%s/devices", folder,
			identifier))
		return false;
	for (name = names; *name && !found; name++)
		found = is_device(doctor, folder, identifier, *name, device);
	system_free_list(names);
	return found;
}

/* Sets @place to where it is mounted first, or to its identifier. */
static int find_place(struct doctor *doctor, const char *folder,
		      const char *identifier, char **place)
{
	char *line, *next, *device, *where, *type, *rest;
	struct system_file file;
	int ret;

	*place = NULL;
	ret = system_read(&doctor->system, &file, "/proc/mounts");
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
		    has_device(doctor, folder, identifier, device))
			*place = strdup(where);
	}
	free(file.bytes);
	if (!*place)
		*place = strdup(identifier);
	return *place ? 0 : -ENOMEM;
}

static int print_state(struct doctor *doctor, struct listing *listing,
		       const char *folder, const char *identifier)
{
	char policy[64], window[64];
	int ret;

	ret = system_read_line(&doctor->system, policy, sizeof(policy),
			       "%s/%s/writeout/policy", folder, identifier);
	if (!ret)
		ret = system_read_line(&doctor->system, window, sizeof(window),
				       "%s/%s/writeout/window", folder,
				       identifier);
	if (ret)
		return ret;
	fprintf(listing->out, " %s", policy);
	if (strcmp(policy, "stock"))
		fprintf(listing->out, ", window %s",
			strcmp(window, "0") ? window : "none");
	return 0;
}

static int list_one(struct doctor *doctor, struct listing *listing,
		    const char *folder, const char *identifier)
{
	char *place;
	int ours, ret;

	ours = system_exists(&doctor->system, "%s/%s/writeout/policy", folder,
			     identifier);
	if (ours < 0)
		return ours;
	if (ours != listing->ours)
		return 0;
	ret = find_place(doctor, folder, identifier, &place);
	if (ret)
		return ret;
	fprintf(listing->out, "%s%s", listing->count ? "; " : "", place);
	free(place);
	listing->count++;
	return ours ? print_state(doctor, listing, folder, identifier) : 0;
}

static int list_folder(struct doctor *doctor, struct listing *listing,
		       const char *folder)
{
	char **names, **name;
	int ret;

	ret = system_list(&doctor->system, &names, "%s", folder);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	for (name = names; *name && !ret; name++) {
		/* Beside filesystems there are `features` and others. */
		if (strlen(*name) == IDENTIFIER_LENGTH)
			ret = list_one(doctor, listing, folder, *name);
	}
	system_free_list(names);
	return ret;
}

/*
 * Sets @text to "/mnt early, window none; /data stock" for ours, "/; /home" for
 * the stock module's.
 *
 * Return: how many, or a negative errno, and then there is no text.
 */
static int list_mounted(struct doctor *doctor, bool ours, char **text)
{
	struct listing listing = { .ours = ours };
	size_t i, size;
	int ret = 0;

	listing.out = open_memstream(text, &size);
	if (!listing.out)
		return -ENOMEM;
	for (i = 0; i < sizeof(folders) / sizeof(*folders) && !ret; i++)
		ret = list_folder(doctor, &listing, folders[i]);
	if (fclose(listing.out) && !ret)
		ret = -ENOMEM;
	if (!ret)
		return listing.count;
	free(*text);
	*text = NULL;
	return ret;
}

/**
 * doctor_check_filesystems - what our module has mounted, and how it writes
 * @doctor: the kernel, which is running
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_filesystems(struct doctor *doctor, struct finding *finding)
{
	char *text;
	int ret;

	if (!doctor->loaded)
		return doctor_not_well(finding, VERDICT_NOT_APPLICABLE, NULL,
				       "not applicable: the module is not loaded");
	ret = list_mounted(doctor, true, &text);
	if (ret < 0)
		return doctor_cannot_read(doctor, finding, ret);
	if (ret)
		ret = doctor_ok(finding, "%s", text);
	else
		ret = doctor_ok(finding, "none mounted by the module");
	free(text);
	return ret;
}

/* Return: 1 if a line of the file begins with the word, 0, or an errno. */
static int has_word(struct doctor *doctor, const char *path, const char *word)
{
	struct system_file file;
	char *line, *next;
	int ret;

	ret = system_read(&doctor->system, &file, "%s", path);
	if (ret)
		return ret;
	for (line = file.bytes; line && !ret; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		line[strcspn(line, " ")] = 0;
		ret = !strcmp(line, word);
	}
	free(file.bytes);
	return ret;
}

static int stock_is_loaded(struct doctor *doctor, struct finding *finding)
{
	char *text;
	int ret;

	ret = list_mounted(doctor, false, &text);
	if (ret < 0)
		return doctor_cannot_read(doctor, finding, ret);
	if (ret)
		ret = doctor_ok(finding,
				"loaded, has mounted %s; ours can live beside it, but not take over",
				text);
	else
		ret = doctor_ok(finding,
				"loaded; ours can live beside it, but not take over");
	free(text);
	return ret;
}

/**
 * doctor_check_stock - whether the kernel's own btrfs is there
 * @doctor: the kernel, which is running
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_stock(struct doctor *doctor, struct finding *finding)
{
	int loaded, registered;

	loaded = has_word(doctor, "/proc/modules", "btrfs");
	/* A kernel without modules can still have it built in. */
	if (loaded == -ENOENT)
		loaded = 0;
	if (loaded < 0)
		return doctor_cannot_read(doctor, finding, loaded);
	registered = has_word(doctor, "/proc/filesystems", "\tbtrfs");
	if (registered < 0)
		return doctor_cannot_read(doctor, finding, registered);
	if (loaded || (registered && !doctor->takeover))
		return stock_is_loaded(doctor, finding);
	if (registered)
		return doctor_ok(finding, "not loaded; ours has its name (takeover=1)");
	return doctor_ok(finding, "not loaded");
}
