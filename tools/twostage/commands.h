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

#define REPORT_MOST_RECORDINGS	2

/**
 * struct options - the command line of any command
 * @root: look at the system below this directory
 * @system: that system
 * @json: print JSON
 * @output: the file to write, or NULL
 * @mount: where a filesystem is mounted, or its UUID; NULL for all
 * @settings: what to set, as NAME=VALUE, or NULL; the last one is NULL
 * @interval: seconds from one look to the next
 * @count: end after this many commits, 0 to go on
 * @seconds: record this long, 0 to go on until interrupted
 * @buffer: bytes for events on their way, a power of two
 * @fixed: ignore the module's BTF
 * @command: record while this runs, or NULL
 * @recordings: the files to report
 * @nr_recordings: how many
 */
struct options {
	const char *root;
	struct system *system;
	bool json;
	const char *output;
	const char *mount;
	char *const *settings;
	double interval;
	uint64_t count;
	double seconds;
	uint32_t buffer;
	bool fixed;
	char *const *command;
	const char *recordings[REPORT_MOST_RECORDINGS];
	int nr_recordings;
};

int status_run(const struct options *options);
int set_run(const struct options *options);
int watch_run(const struct options *options);
int record_run(const struct options *options);
int report_run(const struct options *options);
int export_run(const struct options *options);

#endif
