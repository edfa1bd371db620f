// SPDX-License-Identifier: GPL-2.0
/*
 * twostage export: what the module counts, as metrics for Prometheus.
 *
 * In the text format that node_exporter's textfile collector reads. Names come
 * from the table of counters, with the prefix btrfs_twostage_; times are in
 * seconds. A file is replaced at once, as that collector asks for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "output.h"
#include "values.h"

#define PREFIX		"btrfs_twostage_"
#define NS_PER_SECOND	1000000000ULL

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

static void print_number(FILE *out, const char *name, uint64_t number)
{
	if (is_time(name))
		fprintf(out, "%ju.%09ju", (uintmax_t)(number / NS_PER_SECOND),
			(uintmax_t)(number % NS_PER_SECOND));
	else
		fprintf(out, "%ju", (uintmax_t)number);
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

static void print_labels(FILE *out, const struct sample *sample)
{
	fputc('{', out);
	print_label(out, "fsid", sample->mounted->identifier);
	fputc(',', out);
	print_label(out, "mountpoint", sample->mounted->place);
}

static void print_head(FILE *out, const char *metric, const char *type,
		       const char *what)
{
	fprintf(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", metric,
		what, metric, type);
}

static void print_totals(FILE *out, const struct export *export, unsigned int which)
{
	const struct sample *sample;
	int i;

	print_head(out, total_metrics[which], "counter",
		   total_descriptions[which]);
	for (i = 0; i < export->count; i++) {
		sample = &export->samples[i];
		fprintf(out, PREFIX "%s", total_metrics[which]);
		print_labels(out, sample);
		fputs("} ", out);
		print_number(out, total_names[which],
			     sample->values.totals[which]);
		fputc('\n', out);
	}
}

struct gauge {
	const char *metric;
	const char *what;
	size_t offset;
};

static const struct gauge gauges[] = {
	{ "in_flight", "caches in flight now",
	  offsetof(struct values, in_flight) },
	{ "peak_in_flight", "the most caches that were in flight at once",
	  offsetof(struct values, peak_in_flight) },
	{ "window", "how many caches may be in flight, 0 for no bound",
	  offsetof(struct values, window) },
};

static void print_gauge(FILE *out, const struct export *export, const struct gauge *gauge)
{
	const struct sample *sample;
	int i;

	print_head(out, gauge->metric, "gauge", gauge->what);
	for (i = 0; i < export->count; i++) {
		sample = &export->samples[i];
		fprintf(out, PREFIX "%s", gauge->metric);
		print_labels(out, sample);
		fprintf(out, "} %ju\n",
			(uintmax_t)*(const uint64_t *)((const char *)&sample->values +
						       gauge->offset));
	}
}

/* Which policy: one of them is 1. */
static void print_policy(FILE *out, const struct export *export)
{
	int i;

	print_head(out, "policy_info", "gauge",
		   "the policy by which the next commits are written");
	for (i = 0; i < export->count; i++) {
		fputs(PREFIX "policy_info", out);
		print_labels(out, &export->samples[i]);
		fputc(',', out);
		print_label(out, "policy",
			    export->samples[i].values.policy);
		fputs("} 1\n", out);
	}
}

static void print_buckets(FILE *out, const struct sample *sample,
			  const char *metric, unsigned int which)
{
	const struct histogram *histogram = &sample->values.histograms[which];
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < histogram->count; i++) {
		sum += histogram->buckets[i].count;
		fprintf(out, PREFIX "%s_bucket", metric);
		print_labels(out, sample);
		fputs(",le=\"", out);
		/* The interval ends below twice its least value. */
		print_number(out, histogram_names[which],
			     histogram->buckets[i].least ?
				     histogram->buckets[i].least * 2 - 1 : 0);
		fprintf(out, "\"} %ju\n", (uintmax_t)sum);
	}
	fprintf(out, PREFIX "%s_bucket", metric);
	print_labels(out, sample);
	fprintf(out, ",le=\"+Inf\"} %ju\n", (uintmax_t)sum);
	fprintf(out, PREFIX "%s_sum", metric);
	print_labels(out, sample);
	fputs("} ", out);
	print_number(out, histogram_names[which], histogram->sum);
	fputc('\n', out);
	fprintf(out, PREFIX "%s_count", metric);
	print_labels(out, sample);
	fprintf(out, "} %ju\n", (uintmax_t)sum);
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

static void print_histogram(FILE *out, const struct export *export, unsigned int which)
{
	char metric[64];
	int i;

	metric_of_histogram(which, metric, sizeof(metric));
	print_head(out, metric, "histogram",
		   histogram_descriptions[which]);
	for (i = 0; i < export->count; i++)
		print_buckets(out, &export->samples[i], metric, which);
}

static void print_metrics(FILE *out, const void *what)
{
	const struct export *export = what;
	size_t i;

	print_policy(out, export);
	for (i = 0; i < sizeof(gauges) / sizeof(*gauges); i++)
		print_gauge(out, export, &gauges[i]);
	for (i = 0; i < TWOSTAGE_NR_TOTALS; i++)
		print_totals(out, export, i);
	for (i = 0; i < TWOSTAGE_NR_HISTOGRAMS; i++)
		print_histogram(out, export, i);
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

/**
 * export_run - print the metrics of all that the module has mounted
 * @root: the directory below which the system is looked at
 * @output: the file to replace, or NULL for standard output
 *
 * Return: 0 or a negative errno, which was said; the file is then as it was.
 */
int export_run(const char *root, const char *output)
{
	struct export export = { .count = 0 };
	struct mounted *mounts = NULL;
	struct system system;
	int count = 0, ret;

	ret = open_root(&system, root);
	if (!ret) {
		count = mounts_list(&system, &mounts);
		if (count < 0) {
			ret = count;
			complain_about_file(system.path, ret);
		}
	}
	if (!ret)
		ret = read_samples(&system, &export, mounts, count);
	if (!ret)
		ret = output_print(output, print_metrics, &export);
	free(export.samples);
	if (count > 0)
		mounts_free(mounts, count);
	system_close_root(&system);
	return ret;
}
