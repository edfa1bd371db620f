// SPDX-License-Identifier: GPL-2.0
/*
 * twostage export: what the module counts, as metrics for Prometheus.
 *
 * In the text format that node_exporter's textfile collector reads, or as JSON
 * for other programs. The text is printed from the JSON, so both say the same:
 *
 *	[ { "name", "help", "type": "counter", "gauge" or "histogram",
 *	    "metrics": [ { "labels": { name: text }, "value": number } ] } ]
 *
 * where a histogram's metrics have, in place of a value,
 *
 *	"buckets": { most: how many are not above }, "sum", "count"
 *
 * Names come from the table of counters, with the prefix btrfs_twostage_; times
 * are in seconds. A file is replaced at once, as that collector asks for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "json.h"
#include "output.h"
#include "values.h"

#define PREFIX		"btrfs_twostage_"
#define NS_PER_SECOND	1000000000ULL
#define NAME_SIZE	64
#define NUMBER_SIZE	24

struct sample {
	struct mounted *mounted;
	struct values values;
};

struct export {
	struct sample *samples;
	int count;
};

static bool is_time(const char *name)
{
	size_t length = strlen(name);

	return length > 3 && !strcmp(name + length - 3, "_ns");
}

/* Times in seconds, with every digit. */
static void format_number(char *text, size_t size, const char *name,
			  uint64_t number)
{
	if (is_time(name))
		snprintf(text, size, "%ju.%09ju",
			 (uintmax_t)(number / NS_PER_SECOND),
			 (uintmax_t)(number % NS_PER_SECOND));
	else
		snprintf(text, size, "%ju", (uintmax_t)number);
}

/* Whatever a double can hold, what is printed is the text. */
static struct json_object *new_number(const char *name, uint64_t number)
{
	char text[NUMBER_SIZE];

	format_number(text, sizeof(text), name, number);
	return json_object_new_double_s(strtod(text, NULL), text);
}

/* Which policy: one of them is 1. */
static void fill_policy(struct json_object *metric, const struct values *values,
			unsigned int which)
{
	(void)which;
	json_add_text(json_object_object_get(metric, "labels"), "policy",
		      values->policy);
	json_add_number(metric, "value", 1);
}

static const struct {
	const char *metric;
	const char *what;
	size_t offset;
} gauges[] = {
	{ "in_flight", "caches in flight now",
	  offsetof(struct values, in_flight) },
	{ "peak_in_flight", "the most caches that were in flight at once",
	  offsetof(struct values, peak_in_flight) },
	{ "window", "how many caches may be in flight, 0 for no bound",
	  offsetof(struct values, window) },
	{ "fit", "1 if cache files are as large as their contents need",
	  offsetof(struct values, fit) },
};

static void fill_gauge(struct json_object *metric, const struct values *values,
		       unsigned int which)
{
	json_add_number(metric, "value",
			*(const uint64_t *)((const char *)values +
					    gauges[which].offset));
}

static void fill_total(struct json_object *metric, const struct values *values,
		       unsigned int which)
{
	json_add(metric, "value",
		 new_number(total_names[which], values->totals[which]));
}

/* Each bucket has what is in those before it as well. */
static void fill_histogram(struct json_object *metric,
			   const struct values *values, unsigned int which)
{
	const struct histogram *histogram = &values->histograms[which];
	struct json_object *buckets = json_object_new_object();
	const char *name = histogram_names[which];
	const struct bucket *bucket;
	char most[NUMBER_SIZE];
	uint64_t count = 0;
	unsigned int i;

	for (i = 0; i < histogram->count; i++) {
		bucket = &histogram->buckets[i];
		count += bucket->count;
		/* The interval ends below twice its least value. */
		format_number(most, sizeof(most), name,
			      bucket->least ? bucket->least * 2 - 1 : 0);
		json_add_number(buckets, most, count);
	}
	json_add_number(buckets, "+Inf", count);
	json_add(metric, "buckets", buckets);
	json_add(metric, "sum", new_number(name, histogram->sum));
	json_add_number(metric, "count", count);
}

/* "wait_ns" is the metric wait_seconds. */
static void metric_of_histogram(unsigned int which, char *metric, size_t size)
{
	const char *name = histogram_names[which];

	if (is_time(name))
		snprintf(metric, size, "%.*s_seconds", (int)strlen(name) - 3,
			 name);
	else
		snprintf(metric, size, "%s_after_start", name);
}

/* A metric with its name, type and help, and what fills in its values. */
struct family {
	const char *metric;
	const char *type;
	const char *what;
	void (*fill)(struct json_object *metric, const struct values *values,
		     unsigned int which);
	unsigned int which;
};

static struct json_object *metric_of(const struct sample *sample,
				     const struct family *family)
{
	struct json_object *metric = json_object_new_object();
	struct json_object *labels = json_object_new_object();

	json_add_text(labels, "fsid", sample->mounted->identifier);
	json_add_text(labels, "mountpoint", sample->mounted->place);
	json_add(metric, "labels", labels);
	family->fill(metric, &sample->values, family->which);
	return metric;
}

static void add_family(struct json_object *list, const struct export *export,
		       const struct family *family)
{
	struct json_object *object = json_object_new_object();
	struct json_object *metrics = json_object_new_array();
	char name[NAME_SIZE];
	int i;

	snprintf(name, sizeof(name), PREFIX "%s", family->metric);
	json_add_text(object, "name", name);
	json_add_text(object, "help", family->what);
	json_add_text(object, "type", family->type);
	for (i = 0; i < export->count; i++)
		json_object_array_add(metrics,
				      metric_of(&export->samples[i], family));
	json_add(object, "metrics", metrics);
	json_object_array_add(list, object);
}

static struct json_object *families_of(const struct export *export)
{
	struct json_object *list = json_object_new_array();
	char metric[NAME_SIZE];
	unsigned int i;

	add_family(list, export, &(struct family){
		"policy_info", "gauge",
		"the policy by which the next commits are written",
		fill_policy, 0 });
	for (i = 0; i < sizeof(gauges) / sizeof(*gauges); i++)
		add_family(list, export, &(struct family){
			gauges[i].metric, "gauge", gauges[i].what,
			fill_gauge, i });
	for (i = 0; i < TWOSTAGE_NR_TOTALS; i++)
		add_family(list, export, &(struct family){
			total_metrics[i], "counter", total_descriptions[i],
			fill_total, i });
	for (i = 0; i < TWOSTAGE_NR_HISTOGRAMS; i++) {
		metric_of_histogram(i, metric, sizeof(metric));
		add_family(list, export, &(struct family){
			metric, "histogram", histogram_descriptions[i],
			fill_histogram, i });
	}
	return list;
}

static const char *text_of(struct json_object *object, const char *name)
{
	return json_object_get_string(json_object_object_get(object, name));
}

/* The format's own escapes; a mount point may have any byte but 0. */
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

/* With @most it is a bucket. */
static void print_value(FILE *out, const char *name, const char *suffix,
			struct json_object *metric, const char *most,
			struct json_object *value)
{
	char separator = '{';

	fprintf(out, "%s%s", name, suffix);
	json_object_object_foreach(json_object_object_get(metric, "labels"),
				   label, text) {
		fputc(separator, out);
		print_label(out, label, json_object_get_string(text));
		separator = ',';
	}
	if (most)
		fprintf(out, ",le=\"%s\"", most);
	fprintf(out, "} %s\n", json_object_to_json_string(value));
}

static void print_metric(FILE *out, const char *name, struct json_object *metric)
{
	struct json_object *value = json_object_object_get(metric, "value");

	if (value) {
		print_value(out, name, "", metric, NULL, value);
		return;
	}
	json_object_object_foreach(json_object_object_get(metric, "buckets"),
				   most, count)
		print_value(out, name, "_bucket", metric, most, count);
	print_value(out, name, "_sum", metric, NULL,
		    json_object_object_get(metric, "sum"));
	print_value(out, name, "_count", metric, NULL,
		    json_object_object_get(metric, "count"));
}

static void print_family(FILE *out, struct json_object *family)
{
	struct json_object *metrics = json_object_object_get(family, "metrics");
	const char *name = text_of(family, "name");
	size_t i;

	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name,
		text_of(family, "help"), name, text_of(family, "type"));
	for (i = 0; i < json_object_array_length(metrics); i++)
		print_metric(out, name, json_object_array_get_idx(metrics, i));
}

static void print_text(FILE *out, const void *what)
{
	struct json_object *families = families_of(what);
	size_t i;

	for (i = 0; i < json_object_array_length(families); i++)
		print_family(out, json_object_array_get_idx(families, i));
	json_object_put(families);
}

static void print_json(FILE *out, const void *what)
{
	struct json_object *families = families_of(what);

	json_print_pretty(out, families);
	json_object_put(families);
}

static int read_samples(struct system *system, struct export *export,
			struct mounted *mounts, int count)
{
	struct sample *sample;
	int i, ret;

	export->samples = calloc(count ? count : 1, sizeof(*export->samples));
	if (!export->samples)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (!mounts[i].ours)
			continue;
		sample = &export->samples[export->count];
		sample->mounted = &mounts[i];
		ret = values_read(system, &mounts[i], &sample->values);
		/* It was unmounted meanwhile. */
		if (ret == -ENOENT)
			continue;
		if (ret) {
			complain_about_file(system->path, ret);
			return ret;
		}
		export->count++;
	}
	return 0;
}

int export_run(struct system *system, const struct options *options)
{
	struct export export = { .count = 0 };
	struct mounted *mounts;
	int count, ret;

	count = mounts_list(system, &mounts);
	if (count < 0)
		return complain_about_file(system->path, count);
	ret = read_samples(system, &export, mounts, count);
	if (!ret)
		ret = output_print(options->output,
				   options->json ? print_json : print_text,
				   &export);
	free(export.samples);
	mounts_free(mounts, count);
	return ret;
}
