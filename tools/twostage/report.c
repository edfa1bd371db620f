// SPDX-License-Identifier: GPL-2.0
/*
 * twostage report: a page of one recording, or of two side by side.
 *
 * The page (page/) is linked into this program. The recordings are embedded in it
 * as JSON, which --json prints alone; docs/formats.md has the form.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "output.h"
#include "recording.h"

#define DATA_MARKER	"@DATA@"

/* page/, as the Makefile puts it together and the linker into this program. */
extern const char _binary_page_html_start[], _binary_page_html_end[];

/* In a page no text may end the element it is in, so no "<" stays one. */
static void print_data(FILE *out, const void *what)
{
	const char *byte;

	for (byte = what; *byte; byte++) {
		if (*byte == '<')
			fputs("\\u003c", out);
		else
			putc(*byte, out);
	}
	putc('\n', out);
}

static void print_page(FILE *out, const void *what)
{
	const char *page = _binary_page_html_start, *end = _binary_page_html_end;
	const char *marker = memmem(page, end - page, DATA_MARKER, strlen(DATA_MARKER));

	fwrite(page, 1, marker - page, out);
	print_data(out, what);
	marker += strlen(DATA_MARKER);
	fwrite(marker, 1, end - marker, out);
}

/* Never replace a recording by the page that shows it. */
static int refuse_own_recording(const struct options *options)
{
	struct stat output, recording;
	int i;

	if (!options->output || stat(options->output, &output))
		return 0;
	for (i = 0; i < options->nr_arguments; i++) {
		if (stat(options->arguments[i], &recording) ||
		    recording.st_dev != output.st_dev || recording.st_ino != output.st_ino)
			continue;
		complain("report: %s is a recording: name another file with --output",
			 options->output);
		return -EEXIST;
	}
	return 0;
}

static int read_recordings(const struct options *options, struct json_object *list)
{
	struct json_object *recording;
	int i, ret = 0;

	for (i = 0; i < options->nr_arguments && !ret; i++) {
		ret = recording_read(options->arguments[i], &recording);
		if (!ret)
			json_append(list, recording);
	}
	return ret;
}

/**
 * report_run - make the page of one or two recordings
 * @options: which, and where to
 *
 * Return: 0, or a negative errno after a message; the page is then as it was.
 */
int report_run(const struct options *options)
{
	struct json_object *report = json_made(json_object_new_object());
	struct json_object *list = json_made(json_object_new_array());
	int ret;

	json_set_text(report, "format", "btrfs_twostage report");
	json_set_number(report, "version", 1);
	json_set(report, "recordings", list);
	ret = refuse_own_recording(options);
	if (!ret)
		ret = read_recordings(options, list);
	if (!ret)
		ret = output_print(options->output, options->json ? print_data : print_page,
				   json_print(report, JSON_LINE));
	json_object_put(report);
	return ret;
}
