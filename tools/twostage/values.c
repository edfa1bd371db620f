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

static int read_histogram(struct system *system, const struct mounted *mounted,
			  const char *name, struct json_object *values)
{
	struct json_object *histogram = json_made(json_object_new_object());
	char key[64], *text;
	int ret;

	snprintf(key, sizeof(key), "%s_histogram", name);
	ret = read_file(mounts_open(system, mounted, O_RDONLY, key), &text);
	if (!ret)
		ret = parse_histogram(text, histogram);
	free(text);
	json_set(values, key, histogram);
	return ret;
}

static int read_number(struct system *system, const struct mounted *mounted,
		       const char *name, struct json_object *values)
{
	char line[32], *end;
	uint64_t number;
	int ret;

	ret = read_line(mounts_open(system, mounted, O_RDONLY, name), line, sizeof(line));
	if (ret)
		return ret;
	if (parse_number(line, &end, &number) || *end)
		return -EPROTO;
	json_set_number(values, name, number);
	return 0;
}

static int read_values(struct system *system, const struct mounted *mounted,
		       struct json_object *values)
{
	char policy[16];
	size_t i;
	int ret;

	ret = read_line(mounts_open(system, mounted, O_RDONLY, "policy"), policy,
			sizeof(policy));
	json_set_text(values, "mount", mounted->place);
	json_set_text(values, "fsid", mounted->identifier);
	json_set_text(values, "policy", policy);
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers) && !ret; i++)
		ret = read_number(system, mounted, numbers[i], values);
	for (i = 0; i < TWOSTAGE_NR_HISTOGRAMS && !ret; i++)
		ret = read_histogram(system, mounted, histogram_names[i], values);
	return ret;
}

/*
 * Sets @list to the values of all filesystems that our module has mounted.
 *
 * Return: 0, or a negative errno after a message, and then there is no list.
 */
int values_list(struct system *system, struct json_object **list)
{
	struct json_object *values;
	struct mounted *mounts;
	int count, i, ret = 0;

	count = mounts_list(system, &mounts);
	if (count < 0)
		return count;
	*list = json_made(json_object_new_array());
	for (i = 0; i < count && !ret; i++) {
		values = json_made(json_object_new_object());
		ret = read_values(system, &mounts[i], values);
		if (!ret) {
			json_append(*list, values);
			continue;
		}
		json_object_put(values);
		/* It was unmounted meanwhile. */
		if (ret == -ENOENT)
			ret = 0;
	}
	mounts_free(mounts, count);
	if (!ret)
		return 0;
	json_object_put(*list);
	return complain_about_file(system->path, ret);
}
