// SPDX-License-Identifier: GPL-2.0
/*
 * What the two modules have mounted, and whether the kernel's own is there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "mounts.h"

static int print_state(struct doctor *doctor, FILE *out,
		       const struct mounted *mounted)
{
	char policy[64], window[64];
	int ret;

	ret = system_read_line(&doctor->system, policy, sizeof(policy),
			       "%s/%s/writeout/policy", mounted->folder,
			       mounted->identifier);
	if (!ret)
		ret = system_read_line(&doctor->system, window, sizeof(window),
				       "%s/%s/writeout/window", mounted->folder,
				       mounted->identifier);
	if (ret)
		return ret;
	fprintf(out, " %s", policy);
	if (strcmp(policy, "stock"))
		fprintf(out, ", window %s",
			strcmp(window, "0") ? window : "none");
	return 0;
}

/* Return: how many were printed, or a negative errno. */
static int print_mounted(struct doctor *doctor, FILE *out, bool ours)
{
	struct mounted *list;
	int i, count, printed = 0, ret = 0;

	count = mounts_list(&doctor->system, &list);
	if (count < 0)
		return count;
	for (i = 0; i < count && !ret; i++) {
		if (list[i].ours != ours)
			continue;
		fprintf(out, "%s%s", printed++ ? "; " : "", list[i].place);
		if (ours)
			ret = print_state(doctor, out, &list[i]);
	}
	mounts_free(list, count);
	return ret ? ret : printed;
}

/*
 * Sets @text to "/mnt early, window none; /data stock" for ours, "/; /home" for
 * the stock module's.
 *
 * Return: how many, or a negative errno, and then there is no text.
 */
static int list_mounted(struct doctor *doctor, bool ours, char **text)
{
	size_t size;
	FILE *out;
	int ret;

	out = open_memstream(text, &size);
	if (!out)
		return -ENOMEM;
	ret = print_mounted(doctor, out, ours);
	if (fclose(out) && ret >= 0)
		ret = -ENOMEM;
	if (ret >= 0)
		return ret;
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
