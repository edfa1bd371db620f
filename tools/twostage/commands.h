/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands, as the command line calls them.
 *
 * Each returns 0 or a negative errno; what went wrong has then been said on
 * standard error, in one line that says what to do.
 */
#ifndef TWOSTAGE_COMMANDS_H
#define TWOSTAGE_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "errors.h"

/**
 * struct settings - what to set
 * @place: where the filesystem is mounted, or its UUID
 * @policy: NULL to leave it
 * @window: NULL to leave it
 * @fit: NULL to leave it
 * @json: print what is set then, for programs
 */
struct settings {
	const char *place;
	const char *policy;
	const char *window;
	const char *fit;
	bool json;
};

/**
 * struct watch_options - what to watch
 * @place: where it is mounted or its UUID, NULL for all that is mounted
 * @interval: seconds from one look to the next
 * @count: end after so many commits, 0 to go on
 * @json: for programs
 */
struct watch_options {
	const char *place;
	double interval;
	uint64_t count;
	bool json;
};

/**
 * struct record_options - what to record
 * @output: the file to make
 * @seconds: for how long, 0 for until interrupted
 * @buffer: bytes for events on their way, a power of two
 * @fixed: do not look at the module's BTF
 * @json: for programs
 * @command: what to run meanwhile, and to end with, or NULL
 */
struct record_options {
	const char *output;
	double seconds;
	uint32_t buffer;
	bool fixed;
	bool json;
	char *const *command;
};

#define REPORT_MOST_RECORDINGS	2

/**
 * struct report_options - what to report
 * @recordings: the files
 * @count: how many, 1 or 2
 * @output: the page to replace, or NULL for standard output
 * @json: only what the page shows, for programs
 */
struct report_options {
	const char *recordings[REPORT_MOST_RECORDINGS];
	int count;
	const char *output;
	bool json;
};

int status_run(const char *root, bool json);
int set_run(const char *root, const struct settings *settings);
int watch_run(const char *root, const struct watch_options *options);
int record_run(const struct record_options *options);
int report_run(const struct report_options *options);
int export_run(const char *root, const char *output, bool json);

struct system;
int open_root(struct system *system, const char *root);

#endif
