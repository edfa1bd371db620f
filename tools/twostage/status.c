// SPDX-License-Identifier: GPL-2.0
/*
 * twostage status: all filesystems that the module has mounted, on one screen.
 *
 * As text a block for each: how it writes, what it has counted, and how long
 * the parts of its commits took. As JSON every value of the module.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "values.h"

#define NS_PER_MS 1e6

static const struct {
	const char *name;
	const char *text;
} counters[] = {
	{ "num_started", "started" },
	{ "num_waited", "waited for" },
	{ "num_redirtied", "redirtied" },
	{ "num_skipped", "skipped" },
	{ "num_failed", "failed" },
	{ "num_discarded", "discarded" },
};

#define PHASE(name, what) { #name, #name "_ns", #name "_last_ns", #name "_max_ns" },
static const struct {
	const char *name;
	const char *total;
	const char *last;
	const char *longest;
} phases[TWOSTAGE_NR_PHASES] = {
	TWOSTAGE_PHASES(PHASE)
};

static double milliseconds(struct json_object *values, const char *name)
{
	return json_get_number(values, name) / NS_PER_MS;
}

static void print_text(struct json_object *values)
{
	uint64_t commits = json_get_number(values, "commits");
	uint64_t window = json_get_number(values, "window");
	bool stock = !strcmp(json_get_text(values, "policy"), "stock");
	size_t i;

	printf("%s  %s\n", json_get_text(values, "mount"), json_get_text(values, "fsid"));
	printf("  policy %s, window ", json_get_text(values, "policy"));
	if (stock)
		printf("-");
	else if (window)
		printf("%ju", (uintmax_t)window);
	else
		printf("none");
	if (!stock)
		printf(", cache files of %s size",
		       json_get_number(values, "fit") ? "fitting" : "full");
	printf(", in flight %s, at most %s\n", json_get_text(values, "in_flight"),
	       json_get_text(values, "peak_in_flight"));
	for (i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		printf("%s %s %s", i ? "," : "  caches",
		       json_get_text(values, counters[i].name), counters[i].text);
	if (json_get_number(values, "settle") || json_get_number(values, "unsettled"))
		printf("\n  settle %s: %s unsettled, %s put off, %s invalidated, %s settled",
		       json_get_text(values, "settle"),
		       json_get_text(values, "unsettled"),
		       json_get_text(values, "num_put_off"),
		       json_get_text(values, "num_invalidated"),
		       json_get_text(values, "num_settled"));
	printf("\n  commits %-10ju %10s %10s %10s\n", (uintmax_t)commits,
	       "last ms", "average", "longest");
	for (i = 0; i < TWOSTAGE_NR_PHASES; i++)
		printf("    %-14s %10.3f %10.3f %10.3f\n", phases[i].name,
		       milliseconds(values, phases[i].last),
		       commits ? milliseconds(values, phases[i].total) / commits : 0,
		       milliseconds(values, phases[i].longest));
}

int status_run(const struct options *options)
{
	struct json_object *list;
	size_t i;
	int ret;

	ret = values_list(options->system, &list);
	if (ret)
		return ret;
	if (options->json)
		puts(json_print(list, JSON_PRETTY));
	else if (!json_object_array_length(list))
		puts("nothing is mounted by btrfs_twostage: mount -t btrfs_twostage DEVICE DIRECTORY");
	for (i = 0; !options->json && i < json_object_array_length(list); i++) {
		if (i)
			putchar('\n');
		print_text(json_object_array_get_idx(list, i));
	}
	json_object_put(list);
	return fflush(stdout) ? complain_about_file("standard output", -EIO) : 0;
}
