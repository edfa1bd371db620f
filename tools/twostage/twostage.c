// SPDX-License-Identifier: GPL-2.0
/*
 * twostage: the command line of the module btrfs_twostage.
 *
 * This file knows the commands and their options, checks what can be checked
 * without looking at the machine, and calls the command. Exit status: the
 * command's, 2 if the command line was wrong, 1 for other failures.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "output.h"
#include "system.h"

const char *argp_program_version = "twostage " TWOSTAGE_VERSION;

/* A script, which has options of its own; TWOSTAGE_DOCTOR names another. */
static int run_doctor(int argc, char **argv)
{
	const char *doctor = getenv("TWOSTAGE_DOCTOR");

	(void)argc;
	if (!doctor || !*doctor)
		doctor = LIBRARY "/tools/twostage/doctor";
	execv(doctor, argv);
	complain("%s: %s: install it, or run tools/twostage/doctor of the source",
		 doctor, strerror(errno));
	return EXIT_FAILURE;
}

/* Return: the number, or -1 for what is none, such as 0x10, +1, nan and " 1". */
static double parse_decimal(const char *text)
{
	char *end;
	double number = strtod(text, &end);

	return *text && !*end && strspn(text, "0123456789.") == strlen(text) ? number : -1;
}

static double parse_seconds(const char *option, const char *text)
{
	double seconds = parse_decimal(text);

	if (seconds < 0.01 || seconds > 86400)
		refuse("--%s=%s: must be a number of seconds from 0.01 to 86400", option, text);
	return seconds;
}

/* The kernel wants a power of two, at least a page. */
static uint32_t parse_buffer(const char *text)
{
	double megabytes = parse_decimal(text);
	uint32_t size = 4096;

	if (megabytes <= 0 || megabytes > 1024)
		refuse("--buffer=%s: must be a number of MiB, at most 1024", text);
	while (size < megabytes * 1048576)
		size *= 2;
	return size;
}

static uint64_t parse_count(const char *text)
{
	uint64_t count;
	char *end;

	errno = 0;
	count = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !count)
		refuse("--count=%s: must be a number from 1", text);
	return count;
}

enum { OPTION_JSON = 0x100, OPTION_ROOT, OPTION_FIXED };

/* Of a wrong option getopt says all in one line. */
static error_t parse_common(int key, char *argument, struct argp_state *state)
{
	(void)argument;
	switch (key) {
	case ARGP_KEY_INIT:
		state->err_stream = NULL;
		return 0;
	case 'h':
		argp_state_help(state, state->out_stream, ARGP_HELP_STD_HELP);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case OPTION_JSON:
		options->json = true;
		return 0;
	case OPTION_ROOT:
		options->root = argument;
		return 0;
	case 'o':
		if (!*argument)
			refuse("--output=: name a file, or - for standard output");
		options->output = argument;
		return 0;
	case 'i':
		options->interval = parse_seconds("interval", argument);
		return 0;
	case 'n':
		options->count = parse_count(argument);
		return 0;
	case 'b':
		options->buffer = parse_buffer(argument);
		return 0;
	case 's':
		options->seconds = parse_seconds("seconds", argument);
		return 0;
	case OPTION_FIXED:
		options->fixed = true;
		return 0;
	case ARGP_KEY_ARGS:
		options->arguments = &state->argv[state->next];
		options->nr_arguments = state->argc - state->next;
		return 0;
	default:
		return parse_common(key, argument, state);
	}
}

#define OPTION(name, key, value, help)	{ name, key, value, 0, help, 0 }
#define JSON(help)	OPTION("json", OPTION_JSON, NULL, help)
#define ROOT		OPTION("root", OPTION_ROOT, "DIR", "look at the system below DIR")
#define OUTPUT		OPTION("output", 'o', "FILE", "write FILE instead of printing")
#define MOUNT_HELP	"MOUNT is a mount point or another path in the filesystem, one of its devices, its UUID, or LABEL= and its label"
#define HIDDEN_HELP	{ NULL, 'h', NULL, OPTION_HIDDEN, NULL, 0 }
#define OPTIONS(...)	((const struct argp_option[]){ HIDDEN_HELP, ##__VA_ARGS__, { 0 } })

static const struct command {
	const char *name;
	const char *about;
	int (*run)(const struct options *options);
	unsigned int flags;
	const struct argp_option *options;
	const char *arguments;
	int least, most;			/* how many of them */
	const char *missing;			/* what is said with fewer */
	const char *help;
	const char *output;			/* the default for --output */
	int (*main)(int argc, char **argv);	/* in place of all these */
} commands[] = {
	{
		.name = "status",
		.about = "show what is mounted, how it writes, and its counters",
		.run = status_run,
		.options = OPTIONS(JSON("print JSON"), ROOT),
		.arguments = "[MOUNT]",
		.most = 1,
		.help = "Shows the filesystems that btrfs_twostage has mounted, or one of them. "
			MOUNT_HELP ".",
	}, {
		.name = "set",
		.about = "choose how a mounted filesystem writes its caches",
		.run = set_run,
		.options = OPTIONS(JSON("print the new settings as JSON"), ROOT),
		.arguments = "MOUNT [policy=NAME] [window=NUMBER] [fit=0|1] [settle=NUMBER] [read_ahead=0|1]",
		.least = 2,
		.most = INT_MAX,
		.missing = "say what to set: twostage set MOUNT policy=NAME window=NUMBER fit=0|1 settle=NUMBER read_ahead=0|1",
		.help = "Chooses how the next commits of a filesystem write their caches. "
			MOUNT_HELP ".",
	}, {
		.name = "watch",
		.about = "print a line for each commit as it ends",
		.run = watch_run,
		.options = OPTIONS(
			OPTION("count", 'n', "NUMBER", "end after NUMBER commits"),
			OPTION("interval", 'i', "SECONDS",
			       "look for new commits this often (default 1)"),
			JSON("print JSON"), ROOT),
		.arguments = "[MOUNT]",
		.most = 1,
		.help = "Prints a line for each commit as it ends, until interrupted. "
			MOUNT_HELP "; without it, all filesystems are watched.",
	}, {
		.name = "record",
		.about = "record the module's trace events to a file",
		.run = record_run,
		/* Options end at the command to run, which has options of its own. */
		.flags = ARGP_IN_ORDER,
		.options = OPTIONS(
			OPTION("buffer", 'b', "MIB", "size of the buffer (default 8)"),
			OPTION("fixed-layout", OPTION_FIXED, NULL, "ignore the module's BTF"),
			OPTION("output", 'o', "FILE", "make this file (default twostage.rec)"),
			OPTION("seconds", 's', "SECONDS", "end after SECONDS"),
			JSON("print JSON")),
		.output = "twostage.rec",
		.arguments = "[--] [COMMAND [ARGUMENT...]]",
		.most = INT_MAX,
		.help = "Records the module's trace events for twostage report, while COMMAND runs or until interrupted.",
	}, {
		.name = "report",
		.about = "make a page of one recording, or of two side by side",
		.run = report_run,
		.options = OPTIONS(JSON("print only what the page shows, as JSON"), OUTPUT),
		.arguments = "RECORDING [RECORDING]",
		.least = 1,
		.most = 2,
		.missing = "name a recording: twostage report RECORDING -o report.html",
		.help = "Makes a page that shows each commit and its caches, from one recording or from two side by side.",
	}, {
		.name = "export",
		.about = "print the counters as metrics for Prometheus",
		.run = export_run,
		.options = OPTIONS(JSON("print JSON"), OUTPUT, ROOT),
		.help = "Prints the module's counters as metrics for Prometheus, or as JSON for other programs.",
	}, {
		.name = "doctor",
		.about = "find out what keeps the module from working here",
		.main = run_doctor,
	},
};

#define NR_COMMANDS	(sizeof(commands) / sizeof(*commands))

static char *list_commands(int key, const char *text, void *input)
{
	char *list = NULL;
	size_t size, i;
	FILE *out;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	out = open_memstream(&list, &size);
	if (!out)
		return NULL;
	fputs("Commands:\n", out);
	for (i = 0; i < NR_COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].about);
	fputs("\nEach has its own --help.", out);
	fclose(out);
	return list;
}

/* What is meant by one is mostly a variable that was not set. */
static void refuse_empty(char *const *arguments, const char *name)
{
	for (; arguments && *arguments; arguments++)
		if (!**arguments)
			refuse("an argument is empty: see %s --help", name);
}

/* Return: the exit status. */
static int run_command(const struct command *command, int argc, char **argv)
{
	const struct argp argp = {
		.options = command->options,
		.parser = parse_option,
		.args_doc = command->arguments,
		.doc = command->help,
	};
	struct system system;
	struct options options = {
		.root = "/",
		.system = &system,
		.output = command->output,
		.interval = 1,
		.buffer = 8 << 20,
	};
	int ret;

	if (command->main)
		return command->main(argc, argv);
	if (argp_parse(&argp, argc, argv, command->flags, NULL, &options))
		return EXIT_USAGE;
	/* A command to run may have empty arguments. */
	if (command->run != record_run || (options.arguments && !*options.arguments[0]))
		refuse_empty(options.arguments, argv[0]);
	if (options.nr_arguments < command->least)
		refuse("%s", command->missing);
	if (options.nr_arguments > command->most)
		refuse("%s is too many: see %s --help", options.arguments[command->most],
		       argv[0]);
	ret = system_open_root(&system, options.root);
	if (ret) {
		complain("--root=%s: %s: name a directory", options.root, strerror(-ret));
		return EXIT_FAILURE;
	}
	ret = command->run(&options);
	return ret < 0 ? EXIT_FAILURE : ret;
}

/*
 * In place of a standard stream that is closed, what cannot be read or written either:
 * a file that is opened later must not get its number.
 */
static void keep_standard_streams(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/", O_PATH | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	const struct argp argp = {
		.options = OPTIONS(),
		.parser = parse_common,
		.args_doc = "COMMAND [OPTION...]",
		.doc = "Shows and sets what the kernel module btrfs_twostage does.\v ",
		.help_filter = list_commands,
	};
	char name[64];
	int first;
	size_t i;

	keep_standard_streams();
	atexit(output_flush);
	argp_err_exit_status = EXIT_USAGE;
	argv[0] = program_invocation_short_name;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, &first, NULL))
		return EXIT_USAGE;
	if (first == argc || !*argv[first])
		refuse("name a command: see twostage --help");
	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(commands[i].name, argv[first]))
			break;
	if (i == NR_COMMANDS)
		refuse("%s: no such command: see twostage --help", argv[first]);
	snprintf(name, sizeof(name), "twostage %s", argv[first]);
	argv[first] = name;
	return run_command(&commands[i], argc - first, argv + first);
}
