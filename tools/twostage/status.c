// SPDX-License-Identifier: GPL-2.0
/*
 * twostage status: what the module has mounted, on one screen.
 *
 * As text a block for each filesystem: how it writes, what it has counted, and
 * how long the parts of its last commits took, which the history knows, so that
 * all of that is of the same commits. As JSON every value of the module.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "history.h"
#include "output.h"
#include "text.h"
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

#define PHASE(name, what) { #name, #name "_ns" },
static const struct {
	const char *name;
	const char *column;
} phases[TWOSTAGE_NR_PHASES] = {
	TWOSTAGE_PHASES(PHASE)
};

struct status {
	struct system *system;
	struct json_object *list;
};

/* What a module of another version does not have is "-". */
static const char *text_or_dash(struct json_object *values, const char *name)
{
	const char *text = json_get_text(values, name);

	return *text ? text : "-";
}

static void print_policy(FILE *out, struct json_object *values)
{
	bool stock = !strcmp(json_get_text(values, "policy"), "stock");
	const char *window = text_or_dash(values, "window");
	const char *cache = json_get_text(values, "cache");

	fprintf(out, "  policy %s, window %s", json_get_text(values, "policy"),
		stock ? "-" : strcmp(window, "0") ? window : "none");
	if (!stock)
		fprintf(out, ", cache files of %s size",
			json_get_number(values, "fit") ? "fitting" : "full");
	fprintf(out, ", in flight %s, at most %s\n", text_or_dash(values, "in_flight"),
		text_or_dash(values, "peak_in_flight"));
	fprintf(out, "  free space cache %s%s\n", *cache ? cache : "not known: mounted out of sight",
		json_get_number(values, "read_only") ? ", read-only" : "");
}

static void print_counters(FILE *out, struct json_object *values)
{
	size_t i;

	for (i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		fprintf(out, "%s %s %s", i ? "," : "  caches",
			text_or_dash(values, counters[i].name), counters[i].text);
	if (json_get_number(values, "settle") || json_get_number(values, "unsettled"))
		fprintf(out, "\n  settle %s: %s unsettled, %s put off, %s invalidated, %s settled",
			text_or_dash(values, "settle"), text_or_dash(values, "unsettled"),
			text_or_dash(values, "num_put_off"),
			text_or_dash(values, "num_invalidated"),
			text_or_dash(values, "num_settled"));
	fputc('\n', out);
}

static void print_phase(FILE *out, const char *name, const char *column,
			struct json_object *commits)
{
	size_t i, count = json_object_array_length(commits);
	int64_t value = 0, sum = 0, longest = 0;

	for (i = 0; i < count; i++) {
		value = json_get_int(json_object_array_get_idx(commits, i), column);
		sum += value;
		longest = value > longest ? value : longest;
	}
	fprintf(out, "    %-14s %10.3f %10.3f %10.3f\n", name, value / NS_PER_MS,
		sum / NS_PER_MS / count, longest / NS_PER_MS);
}

static void print_commits(FILE *out, struct system *system, struct json_object *values)
{
	struct json_object *commits;
	size_t i, count = 0;

	if (!history_read(system, json_get_text(values, "fsid"), &commits))
		count = json_object_array_length(commits);
	fprintf(out, "  commits %s", text_or_dash(values, "commits"));
	if (!count) {
		fputs(", none in the history\n", out);
		return;
	}
	fprintf(out, ", the last %-6zu %8s %10s %10s\n", count, "last ms", "average", "longest");
	for (i = 0; i < TWOSTAGE_NR_PHASES; i++)
		print_phase(out, phases[i].name, phases[i].column, commits);
	json_object_put(commits);
}

static void print_advice(FILE *out, struct json_object *advice)
{
	size_t i;

	for (i = 0; i < json_object_array_length(advice); i++)
		fprintf(out, "  → %s\n",
			json_object_get_string(json_object_array_get_idx(advice, i)));
}

static void print_text(FILE *out, const void *what)
{
	const struct status *status = what;
	struct json_object *values;
	size_t i;

	if (!json_object_array_length(status->list))
		fputs(NOTHING_IS_MOUNTED "\n", out);
	for (i = 0; i < json_object_array_length(status->list); i++) {
		values = json_object_array_get_idx(status->list, i);
		fputs(i ? "\n" : "", out);
		text_print(out, json_get_text(values, "mount"));
		fprintf(out, "  %s\n", json_get_text(values, "fsid"));
		print_policy(out, values);
		print_counters(out, values);
		print_commits(out, status->system, values);
		print_advice(out, json_object_object_get(values, "advice"));
	}
}

static void print_json(FILE *out, const void *what)
{
	const struct status *status = what;

	fprintf(out, "%s\n", json_print(status->list, JSON_PRETTY));
}

int status_run(const struct options *options)
{
	struct status status = { .system = options->system };
	int ret;

	ret = values_list(options->system, options->arguments ? options->arguments[0] : NULL,
			  &status.list);
	if (ret)
		return ret;
	ret = output_print(NULL, options->json ? print_json : print_text, &status);
	json_object_put(status.list);
	return ret;
}
