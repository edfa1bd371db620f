/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands, as the command line calls them.
 *
 * Each returns 0, a negative errno, or an exit status above 0; whatever went
 * wrong, it has then printed a message.
 */
#ifndef TWOSTAGE_COMMANDS_H
#define TWOSTAGE_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "errors.h"

struct system;

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

/**
 * struct options - the command line of any command
 * @root: look at the system below this directory
 * @json: print JSON
 * @output: the file to write, or NULL
 * @mount: where a filesystem is mounted, or its UUID; NULL for all
 * @settings: what to set, as NAME=VALUE, or NULL; the last one is NULL
 * @interval: seconds from one look to the next
 * @count: end after this many commits, 0 to go on
 */
struct options {
	const char *root;
	bool json;
	const char *output;
	const char *mount;
	char *const *settings;
	double interval;
	uint64_t count;
	struct record_options record;
	struct report_options report;
};

int status_run(struct system *system, const struct options *options);
int set_run(struct system *system, const struct options *options);
int watch_run(struct system *system, const struct options *options);
int export_run(struct system *system, const struct options *options);
int record_run(const struct record_options *options);
int report_run(const struct report_options *options);

#endif
