// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what the module says of each mounted filesystem; see values.h.
 *
 * The files are read one after the other, so a commit in between may show in
 * some of them only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "advice.h"
#include "errors.h"
#include "mounts.h"
#include "values.h"

static const char *const numbers[] = {
	"window", "fit", "settle", "read_ahead", "unsettled", "in_flight", "peak_in_flight",
#define NAME(name, ...) #name,
	TWOSTAGE_COUNTERS(NAME)
#define NAME_OF_TOTAL(name, what) #name "_ns",
	TWOSTAGE_PHASES(NAME_OF_TOTAL)
#define NAMES_OF_TIMES(name, what) #name "_last_ns", #name "_max_ns",
	TWOSTAGE_PHASES(NAMES_OF_TIMES)
};

const char *const histogram_names[TWOSTAGE_NR_HISTOGRAMS] = {
	TWOSTAGE_HISTOGRAMS(NAME)
};

static int parse_number(const char *text, char **end, uint64_t *number)
{
	if (*text < '0' || *text > '9')
		return -EPROTO;
	errno = 0;
	*number = strtoull(text, end, 10);
	return errno ? -EPROTO : 0;
}

/* A line for each interval, then one for the sum; or nothing at all. */
static int parse_histogram(const char *text, struct json_object *histogram)
{
	struct json_object *intervals = json_made(json_object_new_array());
	uint64_t least, count, sum = 0;
	struct json_object *interval;
	bool empty = !*text;
	char *end;

	for (; *text >= '0' && *text <= '9'; text = end + 1) {
		if (parse_number(text, &end, &least) || *end != ' ' ||
		    parse_number(end + 1, &end, &count) || *end != '\n')
			goto malformed;
		interval = json_made(json_object_new_object());
		json_set_number(interval, "least", least);
		json_set_number(interval, "count", count);
		json_append(intervals, interval);
	}
	if (!empty && (strncmp(text, "sum ", 4) ||
		       parse_number(text + 4, &end, &sum) || strcmp(end, "\n")))
		goto malformed;
	json_set_number(histogram, "sum", sum);
	json_set(histogram, "intervals", intervals);
	return 0;

malformed:
	json_object_put(intervals);
	return -EPROTO;
}

/* A file that the module does not have is noted in @missing, and no error. */
static int note_missing(FILE *missing, const char *name, int error)
{
	if (error != -ENOENT)
		return error;
	fprintf(missing, "%s%s", ftell(missing) ? ", " : "", name);
	return 0;
}

static int read_histogram(struct system *system, const struct mounted *mounted,
			  const char *name, struct json_object *values, FILE *missing)
{
	struct json_object *histogram;
	char key[64], *text;
	int ret;

	snprintf(key, sizeof(key), "%s_histogram", name);
	ret = read_file(mounts_open(system, mounted, O_RDONLY, key), &text);
	if (!ret) {
		histogram = json_made(json_object_new_object());
		json_set(values, key, histogram);
		ret = parse_histogram(text, histogram);
	}
	free(text);
	return note_missing(missing, key, ret);
}

static int read_number(struct system *system, const struct mounted *mounted,
		       const char *name, struct json_object *values, FILE *missing)
{
	char line[32], *end;
	uint64_t number;
	int ret;

	ret = read_line(mounts_open(system, mounted, O_RDONLY, name), line, sizeof(line));
	if (ret)
		return note_missing(missing, name, ret);
	if (parse_number(line, &end, &number) || *end)
		return -EPROTO;
	json_set_number(values, name, number);
	return 0;
}

static void set_state(struct system *system, const struct mounted *mounted,
		      struct json_object *values)
{
	const char *cache = mounts_cache(mounted);

	if (cache)
		json_set_text(values, "cache", cache);
	else
		json_set(values, "cache", NULL);
	json_set(values, "read_only",
		 json_made(json_object_new_boolean(mounted->read_only)));
	json_set(values, "advice", advice_list(system, mounted));
}

static int read_values(struct system *system, const struct mounted *mounted,
		       struct json_object *values, FILE *missing)
{
	char policy[16];
	size_t i;
	int ret;

	json_set_text(values, "mount", mounted->place);
	json_set_text(values, "fsid", mounted->identifier);
	ret = read_line(mounts_open(system, mounted, O_RDONLY, "policy"), policy,
			sizeof(policy));
	json_set_text(values, "policy", policy);
	set_state(system, mounted, values);
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers) && !ret; i++)
		ret = read_number(system, mounted, numbers[i], values, missing);
	for (i = 0; i < TWOSTAGE_NR_HISTOGRAMS && !ret; i++)
		ret = read_histogram(system, mounted, histogram_names[i], values, missing);
	return ret;
}

/* Whether an error is that the filesystem was unmounted meanwhile. */
static bool is_unmounted(struct system *system, const struct mounted *mounted, int error)
{
	int fd;

	if (error)
		return error == -ENODEV || error == -ENOENT;
	fd = mounts_open(system, mounted, O_PATH, "policy");
	if (fd >= 0)
		close(fd);
	return fd == -ENOENT;
}

static void explain_missing(struct system *system, const char *missing)
{
	char version[64];

	read_line(system_open(system, O_RDONLY, "/sys/module/btrfs_twostage/version"), version,
		  sizeof(version));
	complain("the loaded module is of version %s, and twostage of " TWOSTAGE_VERSION
		 ": install and load the same; not there: %s",
		 *version ? version : "unknown", missing);
}

/*
 * Adds the values of @mounted to @list, unless it was unmounted. Names what the
 * module does not have, unless @said.
 */
static int add_values(struct system *system, const struct mounted *mounted,
		      struct json_object *list, bool *said)
{
	struct json_object *values = json_made(json_object_new_object());
	char *names = NULL;
	size_t length;
	FILE *missing = open_memstream(&names, &length);
	int ret;

	expect_memory(missing);
	ret = read_values(system, mounted, values, missing);
	expect_memory(!fclose(missing));
	if (is_unmounted(system, mounted, ret)) {
		json_object_put(values);
		ret = 0;
	} else if (ret) {
		json_object_put(values);
		complain_about_file(system->path, ret);
	} else {
		json_append(list, values);
		if (*names && !*said)
			explain_missing(system, names);
		*said |= *names;
	}
	free(names);
	return ret;
}

/**
 * values_list - read the values of the filesystems that our module has mounted
 * @system: where
 * @only: a name as mounts_find() takes it, for one of them, or NULL for all
 * @list: set on success
 *
 * Return: 0, or a negative errno after a message.
 */
int values_list(struct system *system, const char *only, struct json_object **list)
{
	const struct mounted *mounted = NULL;
	struct mounts mounts;
	bool said = false;
	int i, ret;

	ret = mounts_read(system, &mounts);
	if (ret)
		return ret;
	*list = json_made(json_object_new_array());
	if (only) {
		mounted = mounts_find(&mounts, only);
		ret = mounted ? add_values(system, mounted, *list, &said) : -ENODEV;
	}
	for (i = 0; !only && i < mounts.count && !ret; i++)
		ret = add_values(system, &mounts.list[i], *list, &said);
	mounts_free(&mounts);
	if (ret)
		json_object_put(*list);
	return ret;
}
