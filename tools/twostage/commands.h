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

/* The command line of any command; what is not given is NULL or 0. */
struct options {
	const char *root;	/* --root */
	struct system *system;	/* what is below it */
	bool json;
	const char *output;	/* NULL or "-" is standard output */

	char *const *arguments;	/* as many as the command takes, and a NULL */
	int nr_arguments;

	double interval;	/* of watch: seconds from one look to the next */
	uint64_t count;		/* of watch: end after this many commits */

	double seconds;		/* of record: end after this long */
	uint32_t buffer;	/* its bytes, a power of two */
	bool fixed;		/* ignore the module's BTF */
};

int status_run(const struct options *options);
int set_run(const struct options *options);
int watch_run(const struct options *options);
int record_run(const struct options *options);
int report_run(const struct options *options);
int export_run(const struct options *options);

#endif
