// SPDX-License-Identifier: GPL-2.0
/*
 * Dirties an exact number of block groups of a btrfs and measures the sync.
 *
 * This file is the command line: it checks what can be checked without the
 * filesystem, opens that, and runs the subcommand. The exit status is 2 if the command
 * line is wrong, that of COMMAND if it failed, and 1 after any other error.
 */
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workload.h"

#define EXIT_USAGE	2

#define ABOUT	"Dirties an exact number of block groups of a btrfs and measures the sync."
#define COMMANDS	"fill, dirty, take, measure, sync, bystander"

#define usage(...)						\
	do {							\
		workload_complain(-EINVAL, __VA_ARGS__);	\
		exit(EXIT_USAGE);				\
	} while (0)

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
	workload_run_fn *run;
	bool counted;		/* needs --block-groups */
	bool measured;		/* needs --samples and --sysfs */
	bool commanded;		/* needs COMMAND after -- */
};

#define BLOCK_GROUPS { "block-groups", OPTION_BLOCK_GROUPS, "N", 0, \
	"how many data block groups, 1 to 16384", 0 }
#define SYSFS { "sysfs", OPTION_SYSFS, "DIR", 0, \
	"/sys/fs/btrfs_twostage/<fsid> of the filesystem", 0 }

#define FILES { "files-per-block-group", OPTION_FILES, "K", 0, \
	"how many files fill one, 1 to 1024 (default 60)", 0 }

static const struct argp_option fill_options[] = {
	BLOCK_GROUPS, FILES,
	{ "fragments", OPTION_FRAGMENTS, "COUNT", 0,
	  "leave so many free fragments of 16 KiB in each, 1 to 16384; its cache has bitmaps from about 500 on",
	  0 },
	{ 0 }
};

static const struct argp_option dirty_options[] = { BLOCK_GROUPS, { 0 } };

static const struct argp_option take_options[] = { BLOCK_GROUPS, FILES, { 0 } };

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
	  .run = workload_run_fill, .counted = true },
	{ "dirty", dirty_options,
	  "Dirty data block groups: truncate one file in each.",
	  .run = workload_run_dirty, .counted = true },
	{ "take", take_options,
	  "Measure how long it takes to allocate in block groups that were dirtied.",
	  .run = workload_run_take, .counted = true },
	{ "measure", measure_options,
	  "Dirty data block groups and measure the sync, again and again.",
	  .run = workload_run_measure, .counted = true, .measured = true },
	{ "sync", sync_options,
	  "Measure one sync of whatever is dirty.",
	  .run = workload_run_measure },
	{ "bystander", no_options,
	  "Run COMMAND, and measure meanwhile how long it takes to save a small file.",
	  .run = workload_run_bystander, .commanded = true },
	{ "block-groups", no_options,
	  "Print all block groups.",
	  .run = workload_run_block_groups },
};

/* The one that was given. */
static const struct command *command;

static uint64_t read_number(const char *option, const char *text, uint64_t most)
{
	uint64_t number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	/* strtoull() takes a sign and spaces. */
	if (!isdigit((unsigned char)*text) || errno || *end || !number ||
	    number > most)
		usage("--%s must be 1 to %" PRIu64, option, most);
	return number;
}

static void check(const struct workload_options *options)
{
	if (!options->path)
		usage("%s: name a directory on the btrfs filesystem",
		      command->name);
	if (command->counted && !options->block_groups)
		usage("%s: --block-groups is missing: say how many, 1 to 16384",
		      command->name);
	if (command->measured && !options->samples)
		usage("%s: --samples is missing: say how many", command->name);
	if (command->measured && !options->sysfs)
		usage("%s: --sysfs is missing: give /sys/fs/btrfs_twostage/<fsid>",
		      command->name);
	if (command->commanded && !options->arguments)
		usage("%s: COMMAND is missing: give it after --", command->name);
}

static error_t parse_command(int key, char *argument, struct argp_state *state)
{
	struct workload_options *options = state->input;

	switch (key) {
	case OPTION_BLOCK_GROUPS:
		options->block_groups = read_number("block-groups", argument, 16384);
		break;
	case OPTION_FILES:
		options->files_per_block_group =
			read_number("files-per-block-group", argument, 1024);
		break;
	case OPTION_FRAGMENTS:
		/* Half of a block group of 1 GiB. */
		options->fragments = read_number("fragments", argument, 16384);
		break;
	case OPTION_SAMPLES:
		options->samples = read_number("samples", argument, 100000);
		break;
	case OPTION_SYSFS:
		options->sysfs = argument;
		break;
	case ARGP_KEY_ARG:
		if (command->commanded && state->quoted) {
			options->arguments = state->argv + state->next - 1;
			state->next = state->argc;
			break;
		}
		if (options->path)
			usage("%s: one directory only: %s is too many",
			      command->name, argument);
		options->path = argument;
		break;
	case ARGP_KEY_END:
		check(options);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void parse_arguments(int argc, char **argv, struct workload_options *options)
{
	const struct argp argp = {
		.options = command->options, .parser = parse_command,
		.args_doc = command->commanded ?
				    "DIR -- COMMAND [ARGUMENT...]" : "DIR",
		.doc = command->about,
	};
	char name[64];

	snprintf(name, sizeof(name), "workload %s", command->name);
	argv[0] = name;
	/* The options of COMMAND are not ours. */
	argp_parse(&argp, argc, argv, command->commanded ? ARGP_IN_ORDER : 0,
		   NULL, options);
}

static error_t parse_main(int key, char *argument, struct argp_state *state)
{
	size_t i;

	if (key == ARGP_KEY_NO_ARGS)
		usage("name a command: " COMMANDS " or block-groups");
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(commands[i].name, argument))
			command = &commands[i];
	if (!command)
		usage("%s: no such command: give " COMMANDS " or block-groups",
		      argument);
	parse_arguments(state->argc - state->next + 1,
			state->argv + state->next - 1, state->input);
	state->next = state->argc;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_main, .args_doc = "COMMAND ...",
		.doc = ABOUT "\vCommands: " COMMANDS ", block-groups; each has its own --help.",
	};
	struct workload_options options = { .files_per_block_group = 60 };
	struct workload_filesystem filesystem;
	int ret;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &options);
	ret = workload_filesystem_open(&filesystem, &options);
	if (!ret)
		ret = command->run(&filesystem, &options);
	return ret < 0 ? EXIT_FAILURE : ret;
}
