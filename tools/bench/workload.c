// SPDX-License-Identifier: GPL-2.0
/*
 * Dirties an exact number of block groups of a btrfs and measures the sync.
 *
 * This file is the command line: it checks what can be checked without the
 * filesystem and hands over. What is wrong is said in one line on standard
 * error; the exit status is 2 if the command line was, and 1 otherwise. That
 * of a command that ran for the user is passed on.
 * Results are lines of JSON on standard output.
 */
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "workload.h"

#define EXIT_USAGE	2
#define MOST_BLOCK_GROUPS	4096
/* Half of a block group of 1 GiB. */
#define MOST_FRAGMENTS	16384

#define ABOUT	"Dirties an exact number of block groups of a btrfs and measures the sync."
#define COMMANDS	"fill, dirty, measure, sync, bystander"

enum {
	OPTION_BLOCK_GROUPS = 0x100,
	OPTION_FILES,
	OPTION_FRAGMENTS,
	OPTION_SAMPLES,
	OPTION_SYSFS,
};

struct command {
	const char *name;
	const struct argp_option *options;
	const char *about;
	int (*run)(const struct workload_options *options);
	bool counted;		/* needs --block-groups */
	bool measured;		/* needs --samples and --sysfs */
	bool commanded;		/* needs COMMAND behind -- */
};

struct command_line {
	const struct command *command;
	struct workload_options options;
};

#define BLOCK_GROUPS { "block-groups", OPTION_BLOCK_GROUPS, "N", 0, \
	"how many data block groups, 1 to 4096", 0 }
#define SYSFS { "sysfs", OPTION_SYSFS, "DIR", 0, \
	"/sys/fs/btrfs_twostage/<fsid> of the filesystem", 0 }
static const struct argp_option fill_options[] = {
	BLOCK_GROUPS,
	{ "files-per-block-group", OPTION_FILES, "K", 0,
	  "how many files fill one, 1 to 1024 (default 60)", 0 },
	{ "fragments", OPTION_FRAGMENTS, "COUNT", 0,
	  "leave so many free fragments of 16 KiB in each, 1 to 16384; from some 500 on its cache has bitmaps",
	  0 },
	{ 0 }
};

static const struct argp_option dirty_options[] = {
	BLOCK_GROUPS, { 0 }
};

static const struct argp_option measure_options[] = {
	BLOCK_GROUPS,
	{ "samples", OPTION_SAMPLES, "S", 0,
	  "how many syncs to measure, 1 to 100000", 0 },
	SYSFS, { 0 }
};

static const struct argp_option sync_options[] = { SYSFS, { 0 } };

static const struct argp_option no_options[] = { { 0 } };

static const struct command commands[] = {
	{ "fill", fill_options,
	  "Fill data block groups with preallocated files.",
	  workload_run_fill, true, false, false },
	{ "dirty", dirty_options,
	  "Dirty data block groups: truncate one file in each.",
	  workload_run_dirty, true, false, false },
	{ "measure", measure_options,
	  "Dirty data block groups and measure the sync, again and again.",
	  workload_run_measure, true, true, false },
	{ "sync", sync_options,
	  "Measure one sync of whatever is dirty.",
	  workload_run_sync, false, false, false },
	{ "bystander", no_options,
	  "Run COMMAND, and measure meanwhile how long it takes to save a small file.",
	  workload_run_bystander, false, false, true },
	{ "block-groups", no_options,
	  "Print all block groups.",
	  workload_run_block_groups, false, false, false },
};

__attribute__((noreturn, format(printf, 1, 2)))
static void usage(const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	workload_complain("%s", text);
	exit(EXIT_USAGE);
}

static uint64_t number_in_range(const char *option, const char *text,
				uint64_t least, uint64_t most)
{
	uint64_t number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	/* strtoull() takes a sign and spaces. */
	if (!isdigit((unsigned char)*text) || errno || *end || number < least ||
	    number > most)
		usage("--%s must be %" PRIu64 " to %" PRIu64, option, least,
		      most);
	return number;
}

static void check(const struct command_line *line)
{
	const struct command *command = line->command;
	const struct workload_options *options = &line->options;

	if (!options->path)
		usage("%s: name a directory on the btrfs filesystem",
		      command->name);
	if (command->counted && !options->block_groups)
		usage("%s: --block-groups is missing: say how many, 1 to 4096",
		      command->name);
	if (command->measured && !options->samples)
		usage("%s: --samples is missing: say how many", command->name);
	if (command->measured && !options->sysfs)
		usage("%s: --sysfs is missing: give /sys/fs/btrfs_twostage/<fsid>",
		      command->name);
	if (command->commanded && !options->arguments)
		usage("%s: COMMAND is missing: give it behind --",
		      command->name);
}

static error_t parse_command(int key, char *argument, struct argp_state *state)
{
	struct command_line *line = state->input;
	struct workload_options *options = &line->options;

	switch (key) {
	case OPTION_BLOCK_GROUPS:
		options->block_groups =
			number_in_range("block-groups", argument, 1,
					MOST_BLOCK_GROUPS);
		break;
	case OPTION_FILES:
		options->files_per_block_group = number_in_range(
			"files-per-block-group", argument, 1, 1024);
		break;
	case OPTION_FRAGMENTS:
		options->fragments = number_in_range("fragments", argument, 1,
						     MOST_FRAGMENTS);
		break;
	case OPTION_SAMPLES:
		options->samples =
			number_in_range("samples", argument, 1, 100000);
		break;
	case OPTION_SYSFS:
		options->sysfs = argument;
		break;
	case ARGP_KEY_ARG:
		if (line->command->commanded && state->quoted) {
			options->arguments = state->argv + state->next - 1;
			state->next = state->argc;
			break;
		}
		if (options->path)
			usage("%s: one directory only: %s is too many",
			      line->command->name, argument);
		options->path = argument;
		break;
	case ARGP_KEY_END:
		check(line);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	usage("%s: no such command: give " COMMANDS " or block-groups", name);
}

static void run_command(int argc, char **argv, struct command_line *line)
{
	struct argp argp = {
		.options = line->command->options, .parser = parse_command,
		.args_doc = line->command->commanded ?
				    "DIR -- COMMAND [ARGUMENT...]" : "DIR",
		.doc = line->command->about,
	};
	char name[64];

	snprintf(name, sizeof(name), "workload %s", line->command->name);
	argv[0] = name;
	/* What is behind -- must not be mixed with what is before it. */
	argp_parse(&argp, argc, argv,
		   line->command->commanded ? ARGP_IN_ORDER : 0, NULL, line);
}

static error_t parse_main(int key, char *argument, struct argp_state *state)
{
	struct command_line *line = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		line->command = find_command(argument);
		run_command(state->argc - state->next + 1,
			    state->argv + state->next - 1, line);
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		usage("name a command: " COMMANDS " or block-groups");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_main, .args_doc = "COMMAND ...",
		.doc = ABOUT "\vCommands: " COMMANDS ", block-groups; each has its own --help.",
	};
	struct command_line line = { .options.files_per_block_group = 60 };
	int ret;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &line);
	ret = line.command->run(&line.options);
	return ret < 0 ? EXIT_FAILURE : ret;
}
