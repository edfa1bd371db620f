// SPDX-License-Identifier: GPL-2.0
/*
 * twostage report: one page that shows what one recording has, or two side by
 * side.
 *
 * The page (page/) is in this program; what it shows is put into it as JSON, in
 * the form that is described below, and which --json prints alone:
 *
 *	{ "format": "btrfs_twostage report", "version": 1, "recordings": [
 *	  { "name", "kernel", "module", "recorded": texts,
 *	    "complete": false if it was cut off, "lost": events,
 *	    "filesystems": [ UUID ],
 *	    "commits": [ { "fsid": a place in filesystems, "transid",
 *	      "policy", "window", "begin", "end", "whole_ns",
 *	      "critical_begin", "critical_end", "critical_ns", "bytes", "result",
 *	      "num_started", "num_waited", "num_redirtied", "num_skipped",
 *	      "num_discarded", "peak_in_flight",
 *	      "passes": [ { "kind", "number", "begin", "end", "dirty",
 *		"num_started", "num_waited", "peak_in_flight", "start_ns",
 *		"wait_ns", "result" } ],
 *	      "caches": [ [ block group, flags, bytes, start begin, start end,
 *		completed, wait begin, wait end, reason, result ] ] } ],
 *	    "histograms": { name: [ [ least value, count ] ] } } ] }
 *
 * Times are nanoseconds since the recording began. What was not recorded is
 * null.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "commits.h"
#include "output.h"
#include "values.h"

struct report {
	struct recording recordings[REPORT_MOST_RECORDINGS];
	struct commits commits[REPORT_MOST_RECORDINGS];
	int count;
};

/* Within a page, so that no text can end the element it is in. */
static void print_text(FILE *out, const char *text)
{
	const unsigned char *byte;

	fputc('"', out);
	for (byte = (const unsigned char *)text; *byte; byte++) {
		if (*byte < 0x20 || *byte == '"' || *byte == '\\' || *byte == '<')
			fprintf(out, "\\u%04x", *byte);
		else
			fputc(*byte, out);
	}
	fputc('"', out);
}

static void print_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, "\"%s\":", name);
	print_text(out, text);
	fputc(',', out);
}

static void print_value(FILE *out, int64_t value)
{
	if (value == UNKNOWN)
		fputs("null", out);
	else
		fprintf(out, "%" PRId64, value);
}

static void print_number(FILE *out, const char *name, int64_t value)
{
	fprintf(out, "\"%s\":", name);
	print_value(out, value);
	fputc(',', out);
}

static void print_pass(FILE *out, const struct recorded_pass *pass)
{
	const struct recorded *event = pass->event;
	bool ended = event->kind == RECORDED_PASS_END;

	fputc('{', out);
	print_member(out, "kind", event->pass);
	print_number(out, "number", event->number);
	print_number(out, "begin", pass->begin);
	print_number(out, "end", pass->end);
	print_number(out, "dirty", event->dirty);
	print_number(out, "num_started", event->num_started);
	print_number(out, "num_waited", event->num_waited);
	print_number(out, "peak_in_flight", event->peak_in_flight);
	print_number(out, "start_ns", event->start_ns);
	print_number(out, "wait_ns", event->wait_ns);
	fputs("\"result\":", out);
	print_value(out, ended ? event->result : UNKNOWN);
	fputc('}', out);
}

static void print_cache(FILE *out, const struct recorded_cache *cache)
{
	const struct recorded *ended = cache->ended;
	const int64_t values[] = {
		cache->started->start, cache->started->flags,
		cache->started->cache_bytes, cache->start_begin,
		cache->start_end, cache->completed, cache->wait_begin,
		cache->wait_end,
	};
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		fputc(i ? ',' : '[', out);
		print_value(out, values[i]);
	}
	fputc(',', out);
	if (!ended)
		fputs("null", out);
	else if (ended->kind == RECORDED_CACHE_DISCARD)
		print_text(out, "discarded");
	else
		print_text(out, ended->reason);
	fputc(',', out);
	print_value(out, ended ? ended->result : UNKNOWN);
	fputc(']', out);
}

static void print_times(FILE *out, const struct commits *commits,
			const struct recorded_commit *commit)
{
	const struct recorded *critical = commit->critical, *end = commit->end;

	print_number(out, "begin", end ?
		     commits_moment(commits, end->time, end->whole_ns) : UNKNOWN);
	print_number(out, "end", end ?
		     commits_moment(commits, end->time, 0) : UNKNOWN);
	print_number(out, "whole_ns", end ? end->whole_ns : UNKNOWN);
	print_number(out, "critical_begin", critical ?
		     commits_moment(commits, critical->time,
				    critical->critical_ns) : UNKNOWN);
	print_number(out, "critical_end", critical ?
		     commits_moment(commits, critical->time, 0) : UNKNOWN);
	print_number(out, "critical_ns", critical ? critical->critical_ns :
						    UNKNOWN);
	print_number(out, "result", end ? end->result : UNKNOWN);
}

static void print_commit(FILE *out, const struct commits *commits,
			 const struct recorded_commit *commit)
{
	size_t i;

	fputc('{', out);
	print_number(out, "fsid", commit->filesystem);
	print_number(out, "transid", commit->transid);
	/* A commit without a pass has none. */
	print_member(out, "policy", commit->pass ? commit->pass->policy : "none");
	print_number(out, "window", commit->pass ? commit->pass->window : UNKNOWN);
	print_times(out, commits, commit);
	print_number(out, "bytes", commit->bytes);
	print_number(out, "num_started", commit->num_started);
	print_number(out, "num_waited", commit->num_waited);
	print_number(out, "num_redirtied", commit->num_redirtied);
	print_number(out, "num_skipped", commit->num_skipped);
	print_number(out, "num_discarded", commit->num_discarded);
	print_number(out, "peak_in_flight", commit->peak_in_flight);
	fputs("\"passes\":[", out);
	for (i = 0; i < commit->nr_passes; i++) {
		fputs(i ? ",\n" : "\n", out);
		print_pass(out, &commit->passes[i]);
	}
	fputs("],\"caches\":[", out);
	for (i = 0; i < commit->nr_caches; i++) {
		fputs(i ? ",\n" : "\n", out);
		print_cache(out, &commit->caches[i]);
	}
	fputs("]}", out);
}

static void print_histogram(FILE *out, const uint64_t *counts)
{
	bool first = true;
	unsigned int i;

	fputc('[', out);
	for (i = 0; i < NR_INTERVALS; i++) {
		if (!counts[i])
			continue;
		fprintf(out, "%s[%" PRIu64 ",%" PRIu64 "]", first ? "" : ",",
			i ? UINT64_C(1) << (i - 1) : 0, counts[i]);
		first = false;
	}
	fputc(']', out);
}

static void print_recording(FILE *out, const struct recording *recording,
			    const struct commits *commits)
{
	size_t i;

	fputc('{', out);
	print_member(out, "name", recording->name);
	print_member(out, "kernel", recording->kernel);
	print_member(out, "module", recording->module);
	print_member(out, "recorded", recording->recorded);
	fprintf(out, "\"complete\":%s,", recording->complete ? "true" : "false");
	print_number(out, "lost", recording->lost);
	fputs("\"filesystems\":[", out);
	for (i = 0; i < recording->nr_filesystems; i++) {
		fputs(i ? "," : "", out);
		print_text(out, recording->filesystems[i]);
	}
	fputs("],\"commits\":[", out);
	for (i = 0; i < commits->count; i++) {
		fputs(i ? ",\n" : "\n", out);
		print_commit(out, commits, &commits->list[i]);
	}
	fputs("],\"histograms\":{", out);
	for (i = 0; i < TWOSTAGE_NR_HISTOGRAMS; i++) {
		fprintf(out, "%s\"%s\":", i ? "," : "", histogram_names[i]);
		print_histogram(out, commits->histograms[i]);
	}
	fputs("}}", out);
}

static void print_data(FILE *out, const void *what)
{
	const struct report *report = what;
	int i;

	fputs("{\"format\":\"btrfs_twostage report\",\"version\":1,\"recordings\":[",
	      out);
	for (i = 0; i < report->count; i++) {
		fputs(i ? ",\n" : "\n", out);
		print_recording(out, &report->recordings[i], &report->commits[i]);
	}
	fputs("]}\n", out);
}

/* The files of page/, as the linker put them into this program. */
#define PAGE_FILE(name)							\
	extern const char _binary_page_##name##_start[];		\
	extern const char _binary_page_##name##_end[];
PAGE_FILE(html)
PAGE_FILE(css)
PAGE_FILE(js)
#define PRINT_PAGE_FILE(out, name)					\
	fwrite(_binary_page_##name##_start, 1,				\
	       _binary_page_##name##_end - _binary_page_##name##_start, out)

/* Print the template from @from up to a marker. Return: what is after that. */
static const char *print_to_marker(FILE *out, const char *from,
				   const char *marker)
{
	const char *end = _binary_page_html_end;
	const char *found = memmem(from, end - from, marker, strlen(marker));

	fwrite(from, 1, (found ? found : end) - from, out);
	return found ? found + strlen(marker) : end;
}

static void print_page(FILE *out, const void *what)
{
	const char *rest = _binary_page_html_start;

	rest = print_to_marker(out, rest, "@STYLE@");
	PRINT_PAGE_FILE(out, css);
	rest = print_to_marker(out, rest, "@DATA@");
	print_data(out, what);
	rest = print_to_marker(out, rest, "@SCRIPT@");
	PRINT_PAGE_FILE(out, js);
	fwrite(rest, 1, _binary_page_html_end - rest, out);
}

/* A page over the recording that it shows would be the end of that. */
static int refuse_own_recording(const struct report_options *options)
{
	struct stat output, recording;
	int i;

	if (!options->output || stat(options->output, &output))
		return 0;
	for (i = 0; i < options->count; i++) {
		if (stat(options->recordings[i], &recording) ||
		    recording.st_dev != output.st_dev ||
		    recording.st_ino != output.st_ino)
			continue;
		complain("report: %s is a recording: name another file by --output",
			 options->output);
		return -EEXIST;
	}
	return 0;
}

static int read_recordings(struct report *report,
			   const struct report_options *options)
{
	int ret = 0;

	for (; report->count < options->count && !ret; report->count++) {
		ret = recording_read(options->recordings[report->count],
				     &report->recordings[report->count]);
		if (ret)
			continue;
		ret = commits_gather(&report->recordings[report->count],
				     &report->commits[report->count]);
		if (ret)
			complain("report: %s", strerror(-ret));
	}
	return ret;
}

/**
 * report_run - make the page of one or two recordings
 * @options: which, and where to
 *
 * Return: 0 or a negative errno, which was said; the page is then as it was.
 */
int report_run(const struct report_options *options)
{
	struct report report = { .count = 0 };
	int i, ret;

	ret = refuse_own_recording(options);
	if (!ret)
		ret = read_recordings(&report, options);
	if (!ret)
		ret = output_print(options->output,
				   options->json ? print_data : print_page,
				   &report);
	for (i = 0; i < report.count; i++) {
		commits_free(&report.commits[i]);
		recording_free(&report.recordings[i]);
	}
	return ret;
}
