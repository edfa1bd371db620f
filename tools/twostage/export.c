// SPDX-License-Identifier: GPL-2.0
/*
 * twostage export: what the module counts, as metrics for Prometheus.
 *
 * In the text format that node_exporter's textfile collector reads, or as JSON
 * for other programs; docs/formats.md has both. The text is printed from the
 * JSON, so both say the same.
 *
 * Names come from the table of counters, with the prefix btrfs_twostage_; times
 * are in seconds. A file is replaced whole, as that collector wants it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "output.h"
#include "values.h"

#define PREFIX		"btrfs_twostage_"
#define NS_PER_SECOND	1000000000ULL
#define NUMBER_SIZE	24

/*
 * A histogram has the same buckets whatever was counted: rate() would miss the first
 * values in one that was not there before. They end where those of the module do, below
 * powers of two, so their counts are exact; its last, from 2^39 on, has no end. Not all
 * are worth a series: shorter waits than 1 us are for caches that were complete, at least
 * one cache is in flight after a start, and no window is larger than 65536.
 */
#define FIRST_BIT_OF_TIMES	10	/* 1 us */
#define LAST_BIT_OF_TIMES	39	/* 9 minutes */
#define FIRST_BIT_OF_NUMBERS	1
#define LAST_BIT_OF_NUMBERS	16	/* 65535 */

/* A metric, and its name among the values. Nanoseconds end in _ns there. */
static const struct family {
	const char *name;
	const char *type;
	const char *help;
	const char *value;
} families[] = {
	{ "policy_info", "gauge",
	  "the policy by which the next commits are written", "policy" },
	{ "in_flight", "gauge", "caches in flight now", "in_flight" },
	{ "peak_in_flight", "gauge",
	  "the most caches that were in flight at once", "peak_in_flight" },
	{ "window", "gauge",
	  "how many caches may be in flight, 0 for no bound", "window" },
	{ "fit", "gauge",
	  "1 if cache files are as large as their contents need", "fit" },
	{ "settle", "gauge",
	  "after how many quiet commits a cache is written, 0 for every commit", "settle" },
	{ "read_ahead", "gauge",
	  "1 if tree blocks are read before they are needed", "read_ahead" },
	{ "unsettled", "gauge", "block groups whose cache was put off", "unsettled" },
#define COUNTER(name, metric, what) { #metric, "counter", what, #name },
	TWOSTAGE_COUNTERS(COUNTER)
#define PHASE(name, what) \
	{ #name "_seconds_total", "counter", "time in " what, #name "_ns" },
	TWOSTAGE_PHASES(PHASE)
#define HISTOGRAM(name, what) { #name, "histogram", what, #name "_histogram" },
	TWOSTAGE_HISTOGRAMS(HISTOGRAM)
};

/* Names say "seconds" where values are times, as Prometheus wants them. */
static void name_family(const struct family *family, char *name, size_t size)
{
	int length = strlen(family->name);

	if (strcmp(family->type, "histogram"))
		snprintf(name, size, PREFIX "%s", family->name);
	else if (length > 3 && !strcmp(family->name + length - 3, "_ns"))
		snprintf(name, size, PREFIX "%.*s_seconds", length - 3, family->name);
	else
		snprintf(name, size, PREFIX "%s_after_start", family->name);
}

/* Seconds are written with every digit, whatever a double can hold. */
static void format_number(char *text, bool seconds, uint64_t number)
{
	if (seconds)
		snprintf(text, NUMBER_SIZE, "%ju.%09ju",
			 (uintmax_t)(number / NS_PER_SECOND),
			 (uintmax_t)(number % NS_PER_SECOND));
	else
		snprintf(text, NUMBER_SIZE, "%ju", (uintmax_t)number);
}

static void add_number(struct json_object *metric, const char *name,
		       bool seconds, uint64_t number)
{
	char text[NUMBER_SIZE];

	format_number(text, seconds, number);
	json_set(metric, name,
		 json_made(json_object_new_double_s(strtod(text, NULL), text)));
}

/* How many values are below @limit, a power of two or more than any. */
static uint64_t count_below(struct json_object *intervals, uint64_t limit)
{
	struct json_object *interval;
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < json_object_array_length(intervals); i++) {
		interval = json_object_array_get_idx(intervals, i);
		if (json_get_number(interval, "least") < limit)
			count += json_get_number(interval, "count");
	}
	return count;
}

static void add_histogram(struct json_object *metric, bool seconds,
			  struct json_object *histogram)
{
	int bit = seconds ? FIRST_BIT_OF_TIMES : FIRST_BIT_OF_NUMBERS;
	int last = seconds ? LAST_BIT_OF_TIMES : LAST_BIT_OF_NUMBERS;
	struct json_object *intervals, *buckets;
	char most[NUMBER_SIZE];
	uint64_t count;

	buckets = json_made(json_object_new_object());
	intervals = json_object_object_get(histogram, "intervals");
	for (; bit <= last; bit++) {
		format_number(most, seconds, (1ULL << bit) - 1);
		add_number(buckets, most, false, count_below(intervals, 1ULL << bit));
	}
	count = count_below(intervals, UINT64_MAX);
	add_number(buckets, "+Inf", false, count);
	json_set(metric, "buckets", buckets);
	add_number(metric, "sum", seconds, json_get_number(histogram, "sum"));
	add_number(metric, "count", false, count);
}

static struct json_object *make_metric(const struct family *family, bool seconds,
				       struct json_object *values)
{
	struct json_object *value = json_object_object_get(values, family->value);
	struct json_object *metric = json_made(json_object_new_object());
	struct json_object *labels = json_made(json_object_new_object());

	json_set_text(labels, "fsid", json_get_text(values, "fsid"));
	json_set_text(labels, "mountpoint", json_get_text(values, "mount"));
	json_set(metric, "labels", labels);
	if (json_object_is_type(value, json_type_object)) {
		add_histogram(metric, seconds, value);
	} else if (json_object_is_type(value, json_type_string)) {
		/* The policy is a label, as Prometheus has numbers only. */
		json_set_text(labels, family->value, json_object_get_string(value));
		add_number(metric, "value", false, 1);
	} else {
		add_number(metric, "value", seconds, json_object_get_uint64(value));
	}
	return metric;
}

static struct json_object *make_family(const struct family *family,
				       struct json_object *filesystems)
{
	struct json_object *object = json_made(json_object_new_object());
	struct json_object *metrics = json_made(json_object_new_array());
	struct json_object *values;
	char name[64];
	bool seconds;
	size_t i;

	name_family(family, name, sizeof(name));
	seconds = strstr(name, "seconds");
	json_set_text(object, "name", name);
	json_set_text(object, "help", family->help);
	json_set_text(object, "type", family->type);
	for (i = 0; i < json_object_array_length(filesystems); i++) {
		values = json_object_array_get_idx(filesystems, i);
		/* A module of another version may not have it. */
		if (json_object_object_get(values, family->value))
			json_append(metrics, make_metric(family, seconds, values));
	}
	json_set(object, "metrics", metrics);
	return object;
}

/* With the escapes of the format: a mount point may have any byte but 0. */
static void print_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", out);
		else if (*value == '"' || *value == '\\')
			fprintf(out, "\\%c", *value);
		else
			fputc(*value, out);
	}
	fputc('"', out);
}

/* A bucket counts the values up to @most; for others that is NULL. */
static void print_value(FILE *out, const char *name, const char *suffix,
			struct json_object *metric, const char *most,
			struct json_object *value)
{
	char separator = '{';

	fprintf(out, "%s%s", name, suffix);
	json_object_object_foreach(json_object_object_get(metric, "labels"), label, text) {
		fputc(separator, out);
		print_label(out, label, json_object_get_string(text));
		separator = ',';
	}
	if (most)
		fprintf(out, ",le=\"%s\"", most);
	fprintf(out, "} %s\n", json_print(value, JSON_LINE));
}

static void print_metric(FILE *out, const char *name, struct json_object *metric)
{
	struct json_object *value = json_object_object_get(metric, "value");

	if (value) {
		print_value(out, name, "", metric, NULL, value);
		return;
	}
	json_object_object_foreach(json_object_object_get(metric, "buckets"), most, count)
		print_value(out, name, "_bucket", metric, most, count);
	print_value(out, name, "_sum", metric, NULL, json_object_object_get(metric, "sum"));
	print_value(out, name, "_count", metric, NULL,
		    json_object_object_get(metric, "count"));
}

static void print_text(FILE *out, const void *what)
{
	struct json_object *list = (struct json_object *)what;
	struct json_object *family, *metrics;
	const char *name;
	size_t i, j;

	for (i = 0; i < json_object_array_length(list); i++) {
		family = json_object_array_get_idx(list, i);
		name = json_get_text(family, "name");
		fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name,
			json_get_text(family, "help"), name, json_get_text(family, "type"));
		metrics = json_object_object_get(family, "metrics");
		for (j = 0; j < json_object_array_length(metrics); j++)
			print_metric(out, name, json_object_array_get_idx(metrics, j));
	}
}

static void print_json(FILE *out, const void *what)
{
	fprintf(out, "%s\n", json_print((struct json_object *)what, JSON_PRETTY));
}

/* After a failure the file is as it was. */
int export_run(const struct options *options)
{
	struct json_object *filesystems, *list;
	size_t i;
	int ret;

	ret = values_list(options->system, NULL, &filesystems);
	if (ret)
		return ret;
	list = json_made(json_object_new_array());
	for (i = 0; i < sizeof(families) / sizeof(*families); i++)
		json_append(list, make_family(&families[i], filesystems));
	ret = output_print(options->output, options->json ? print_json : print_text, list);
	json_object_put(list);
	json_object_put(filesystems);
	return ret;
}
