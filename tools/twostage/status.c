// SPDX-License-Identifier: GPL-2.0
/*
 * twostage status: all filesystems that the module has mounted, on one screen.
 *
 * As text a block for each: how it writes, what it has counted, and how long
 * the parts of its commits took. As JSON every value that the module has, by
 * its name in sysfs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "json.h"
#include "values.h"

#define NS_PER_MS 1e6

static uint64_t total(const struct values *values, enum twostage_total which)
{
	return values->totals[which];
}

static double average_ms(const struct values *values, unsigned int phase)
{
	uint64_t commits = total(values, TWOSTAGE_TOTAL_commits);

	if (!commits)
		return 0;
	return values->totals[TWOSTAGE_NR_COUNTERS + phase] / NS_PER_MS / commits;
}

static void print_text(const struct mounted *mounted, const struct values *values)
{
	unsigned int phase;

	printf("%s  %s\n", mounted->place, mounted->identifier);
	printf("  policy %s, window ", values->policy);
	if (!strcmp(values->policy, "stock"))
		printf("-");
	else if (values->window)
		printf("%ju", (uintmax_t)values->window);
	else
		printf("none");
	if (strcmp(values->policy, "stock"))
		printf(", cache files of %s size",
		       values->fit ? "fitting" : "full");
	printf(", in flight %ju, at most %ju\n", (uintmax_t)values->in_flight,
	       (uintmax_t)values->peak_in_flight);
	printf("  caches %ju started, %ju waited for, %ju again, %ju skipped, %ju failed, %ju discarded\n",
	       (uintmax_t)total(values, TWOSTAGE_TOTAL_num_started),
	       (uintmax_t)total(values, TWOSTAGE_TOTAL_num_waited),
	       (uintmax_t)total(values, TWOSTAGE_TOTAL_num_redirtied),
	       (uintmax_t)total(values, TWOSTAGE_TOTAL_num_skipped),
	       (uintmax_t)total(values, TWOSTAGE_TOTAL_num_failed),
	       (uintmax_t)total(values, TWOSTAGE_TOTAL_num_discarded));
	printf("  commits %-10ju", (uintmax_t)total(values, TWOSTAGE_TOTAL_commits));
	printf(" %10s %10s %10s\n", "last ms", "average", "longest");
	for (phase = 0; phase < TWOSTAGE_NR_PHASES; phase++)
		printf("    %-14s %10.3f %10.3f %10.3f\n", phase_names[phase],
		       values->last_ns[phase] / NS_PER_MS,
		       average_ms(values, phase),
		       values->max_ns[phase] / NS_PER_MS);
}

static struct json_object *json_of_histogram(const struct histogram *histogram)
{
	struct json_object *object = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *bucket;
	unsigned int i;

	for (i = 0; i < histogram->count; i++) {
		bucket = json_object_new_object();
		json_add_number(bucket, "least", histogram->buckets[i].least);
		json_add_number(bucket, "count", histogram->buckets[i].count);
		json_object_array_add(list, bucket);
	}
	json_add_number(object, "sum", histogram->sum);
	json_add(object, "intervals", list);
	return object;
}

static struct json_object *json_of(const struct mounted *mounted,
				   const struct values *values)
{
	struct json_object *object = json_object_new_object();
	char key[64];
	unsigned int i;

	json_add_text(object, "mount", mounted->place);
	json_add_text(object, "fsid", mounted->identifier);
	json_add_text(object, "policy", values->policy);
	json_add_number(object, "window", values->window);
	json_add_number(object, "fit", values->fit);
	json_add_number(object, "in_flight", values->in_flight);
	json_add_number(object, "peak_in_flight", values->peak_in_flight);
	for (i = 0; i < TWOSTAGE_NR_TOTALS; i++)
		json_add_number(object, total_names[i], values->totals[i]);
	for (i = 0; i < TWOSTAGE_NR_PHASES; i++) {
		snprintf(key, sizeof(key), "%s_last_ns", phase_names[i]);
		json_add_number(object, key, values->last_ns[i]);
		snprintf(key, sizeof(key), "%s_max_ns", phase_names[i]);
		json_add_number(object, key, values->max_ns[i]);
	}
	for (i = 0; i < TWOSTAGE_NR_HISTOGRAMS; i++) {
		snprintf(key, sizeof(key), "%s_histogram", histogram_names[i]);
		json_add(object, key, json_of_histogram(&values->histograms[i]));
	}
	return object;
}

static int print_one(struct system *system, const struct mounted *mounted,
		     struct json_object *list, bool first)
{
	struct values values;
	int ret;

	ret = values_read(system, mounted, &values);
	/* It was unmounted meanwhile. */
	if (ret == -ENOENT)
		return 0;
	if (ret) {
		complain_about_file(system->path, ret);
		return ret;
	}
	if (list) {
		json_object_array_add(list, json_of(mounted, &values));
	} else {
		if (!first)
			putchar('\n');
		print_text(mounted, &values);
	}
	return 0;
}

/* Return: how many of ours there are, or a negative errno, which was said. */
static int print_all(struct system *system, struct json_object *list)
{
	struct mounted *mounts;
	int count, i, printed = 0, ret = 0;

	count = mounts_list(system, &mounts);
	if (count < 0) {
		complain_about_file(system->path, count);
		return count;
	}
	for (i = 0; i < count && !ret; i++) {
		if (!mounts[i].ours)
			continue;
		ret = print_one(system, &mounts[i], list, !printed);
		printed++;
	}
	mounts_free(mounts, count);
	return ret ? ret : printed;
}

int status_run(struct system *system, const struct options *options)
{
	struct json_object *list = options->json ? json_object_new_array() : NULL;
	int ret;

	ret = print_all(system, list);
	if (ret >= 0 && list)
		json_print_pretty(stdout, list);
	else if (!ret)
		puts("nothing is mounted by btrfs_twostage: mount -t btrfs_twostage DEVICE DIRECTORY");
	if (ret >= 0)
		ret = fflush(stdout) ? -EIO : 0;
	json_object_put(list);
	return ret;
}
