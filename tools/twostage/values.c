// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what the module says of a mounted filesystem; see values.h.
 *
 * The files are read one after the other, so a commit in between may show in
 * some of them only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "values.h"

#define NAME_OF_COUNTER(name, metric, what) #name,
#define NAME_OF_PHASE_TOTAL(name, what) #name "_ns",
const char *const total_names[TWOSTAGE_NR_TOTALS] = {
	TWOSTAGE_COUNTERS(NAME_OF_COUNTER)
	TWOSTAGE_PHASES(NAME_OF_PHASE_TOTAL)
};

#define METRIC_OF_COUNTER(name, metric, what) #metric,
#define METRIC_OF_PHASE(name, what) #name "_seconds_total",
const char *const total_metrics[TWOSTAGE_NR_TOTALS] = {
	TWOSTAGE_COUNTERS(METRIC_OF_COUNTER)
	TWOSTAGE_PHASES(METRIC_OF_PHASE)
};

#define WHAT_OF_COUNTER(name, metric, what) what,
#define WHAT_OF_PHASE(name, what) "time in " what,
const char *const total_descriptions[TWOSTAGE_NR_TOTALS] = {
	TWOSTAGE_COUNTERS(WHAT_OF_COUNTER)
	TWOSTAGE_PHASES(WHAT_OF_PHASE)
};

#define NAME_OF(name, what) #name,
const char *const phase_names[TWOSTAGE_NR_PHASES] = {
	TWOSTAGE_PHASES(NAME_OF)
};

const char *const histogram_names[TWOSTAGE_NR_HISTOGRAMS] = {
	TWOSTAGE_HISTOGRAMS(NAME_OF)
};

#define WHAT_OF(name, what) what,
const char *const histogram_descriptions[TWOSTAGE_NR_HISTOGRAMS] = {
	TWOSTAGE_HISTOGRAMS(WHAT_OF)
};

static int parse_number(const char *text, char **end, uint64_t *number)
{
	if (*text < '0' || *text > '9')
		return -EPROTO;
	errno = 0;
	*number = strtoull(text, end, 10);
	return errno ? -EPROTO : 0;
}

static int read_number(struct system *system, const struct mounted *mounted,
		       const char *name, const char *suffix, uint64_t *number)
{
	char line[32], *end;
	int ret;

	ret = system_read_line(system, line, sizeof(line), "%s/%s/writeout/%s%s",
			       mounted->folder, mounted->identifier, name,
			       suffix);
	if (!ret)
		ret = parse_number(line, &end, number);
	if (!ret && *end)
		ret = -EPROTO;
	return ret;
}

static int parse_histogram(const char *text, struct histogram *histogram)
{
	struct bucket *bucket = histogram->buckets;
	char *end;
	int ret;

	histogram->sum = 0;
	for (; *text >= '0' && *text <= '9'; text = end + 1, bucket++) {
		if (bucket == histogram->buckets + MOST_BUCKETS)
			return -EPROTO;
		ret = parse_number(text, &end, &bucket->least);
		if (!ret && *end == ' ')
			ret = parse_number(end + 1, &end, &bucket->count);
		if (ret || *end != '\n')
			return -EPROTO;
	}
	histogram->count = bucket - histogram->buckets;
	if (!histogram->count && !*text)
		return 0;
	if (strncmp(text, "sum ", 4) ||
	    parse_number(text + 4, &end, &histogram->sum) || strcmp(end, "\n"))
		return -EPROTO;
	return 0;
}

static int read_histogram(struct system *system, const struct mounted *mounted,
			  const char *name, struct histogram *histogram)
{
	struct system_file file;
	int ret;

	ret = system_read(system, &file, "%s/%s/writeout/%s_histogram",
			  mounted->folder, mounted->identifier, name);
	if (!ret)
		ret = parse_histogram(file.bytes, histogram);
	free(file.bytes);
	return ret;
}

/**
 * values_read - read all that the module says of a mounted filesystem
 * @system: the system, which has the path that failed
 * @mounted: the filesystem, one of ours
 * @values: where they go
 *
 * Return: 0, -EPROTO when a file says something else than it should, or another
 * negative errno.
 */
int values_read(struct system *system, const struct mounted *mounted,
		struct values *values)
{
	unsigned int i;
	int ret;

	ret = system_read_line(system, values->policy, sizeof(values->policy),
			       "%s/%s/writeout/policy", mounted->folder,
			       mounted->identifier);
	if (!ret)
		ret = read_number(system, mounted, "window", "", &values->window);
	if (!ret)
		ret = read_number(system, mounted, "fit", "", &values->fit);
	if (!ret)
		ret = read_number(system, mounted, "in_flight", "",
				  &values->in_flight);
	if (!ret)
		ret = read_number(system, mounted, "peak_in_flight", "",
				  &values->peak_in_flight);
	for (i = 0; i < TWOSTAGE_NR_TOTALS && !ret; i++)
		ret = read_number(system, mounted, total_names[i], "",
				  &values->totals[i]);
	for (i = 0; i < TWOSTAGE_NR_PHASES && !ret; i++) {
		ret = read_number(system, mounted, phase_names[i], "_last_ns",
				  &values->last_ns[i]);
		if (!ret)
			ret = read_number(system, mounted, phase_names[i],
					  "_max_ns", &values->max_ns[i]);
	}
	for (i = 0; i < TWOSTAGE_NR_HISTOGRAMS && !ret; i++)
		ret = read_histogram(system, mounted, histogram_names[i],
				     &values->histograms[i]);
	return ret;
}
