// SPDX-License-Identifier: GPL-2.0
/*
 * twostage: the command line of the module btrfs_twostage.
 *
 * This file knows the subcommands and their options, checks what can be checked
 * without looking at the machine, and hands over. What is wrong is said in one
 * line on standard error. Exit status: what the subcommand returns, 2 if the
 * command line was wrong, 1 for other failures.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "system.h"

enum {
	OPTION_JSON = 0x100,
	OPTION_ROOT,
	OPTION_FIXED,
};

struct command {
	const char *name;
	const char *about;
	int (*run)(int argc, char **argv);
};

const char *argp_program_version = "twostage " TWOSTAGE_VERSION;

/**
 * open_root - look at the system below a directory
 * @system: the system; to be closed by system_close_root(), in any case
 * @root: the directory that --root names
 *
 * Return: 0 or a negative errno, which was said.
 */
int open_root(struct system *system, const char *root)
{
	int ret = system_open_root(system, root);

	if (ret)
		complain("--root=%s: %s: name a directory", root, strerror(-ret));
	return ret;
}

/* A script, which has options of its own; TWOSTAGE_DOCTOR names another. */
static int run_doctor(int argc, char **argv)
{
	const char *doctor = getenv("TWOSTAGE_DOCTOR");

	(void)argc;
	if (!doctor)
		doctor = LIBRARY "/tools/twostage/doctor";
	execv(doctor, argv);
	complain("%s: %s: install it, or run tools/twostage/doctor of the source",
		 doctor, strerror(errno));
	return EXIT_FAILURE;
}

/* What the commands but doctor are told. */
struct choices {
	const char *root;
	const char *output;
	bool json;
	struct settings settings;
	struct watch_options watch;
	struct record_options record;
	struct report_options report;
};

#define ROOT_OPTION							\
	{ "root", OPTION_ROOT, "DIR", 0,				\
	  "look at the system below this directory", 0 }
#define JSON_OPTION { "json", OPTION_JSON, NULL, 0, "print JSON", 0 }

static const struct argp_option status_arguments[] = {
	JSON_OPTION, ROOT_OPTION, { 0 }
};

static const struct argp_option set_arguments[] = {
	{ "json", OPTION_JSON, NULL, 0, "print what is set then, as JSON", 0 },
	ROOT_OPTION, { 0 }
};

static const struct argp_option watch_arguments[] = {
	{ "count", 'n', "NUMBER", 0, "end after so many commits", 0 },
	{ "interval", 'i', "SECONDS", 0,
	  "look for new commits so often, 1 second if not given", 0 },
	JSON_OPTION, ROOT_OPTION, { 0 }
};

static const struct argp_option export_arguments[] = {
	{ "output", 'o', "FILE", 0,
	  "replace this file, not print to standard output", 0 },
	JSON_OPTION, ROOT_OPTION, { 0 }
};

static const struct argp_option record_arguments[] = {
	{ "buffer", 'b', "MIB", 0,
	  "room for events on their way, 8 if not given", 0 },
	{ "fixed-layout", OPTION_FIXED, NULL, 0,
	  "do not look at the module's BTF", 0 },
	{ "output", 'o', "FILE", 0,
	  "the file to make, twostage.rec if not given", 0 },
	{ "seconds", 's', "SECONDS", 0, "end after so long", 0 },
	JSON_OPTION, { 0 }
};

static const struct argp_option report_arguments[] = {
	{ "output", 'o', "FILE", 0,
	  "replace this file, not print to standard output", 0 },
	{ "json", OPTION_JSON, NULL, 0, "print only what the page shows, as JSON",
	  0 },
	{ 0 }
};

static double parse_seconds(const char *option, const char *text)
{
	double seconds;
	char *end;

	seconds = strtod(text, &end);
	if (end == text || *end || !(seconds >= 0.01 && seconds <= 86400))
		errx(EXIT_USAGE, "--%s=%s: a number of seconds from 0.01 to 86400",
			      option, text);
	return seconds;
}

/* As a power of two, at least a page, as the kernel wants it. */
static uint32_t parse_buffer(const char *text)
{
	uint32_t size = 4096;
	double megabytes;
	char *end;

	megabytes = strtod(text, &end);
	if (end == text || *end || !(megabytes > 0 && megabytes <= 1024))
		errx(EXIT_USAGE, "--buffer=%s: a number of MiB, at most 1024", text);
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
		errx(EXIT_USAGE, "--count=%s: a number from 1", text);
	return count;
}

static error_t parse_choice(int key, char *argument, struct argp_state *state)
{
	struct choices *choices = state->input;

	switch (key) {
	case OPTION_JSON:
		choices->json = true;
		return 0;
	case OPTION_ROOT:
		choices->root = argument;
		return 0;
	case 'i':
		choices->watch.interval = parse_seconds("interval", argument);
		return 0;
	case 'n':
		choices->watch.count = parse_count(argument);
		return 0;
	case 'b':
		choices->record.buffer = parse_buffer(argument);
		return 0;
	case 's':
		choices->record.seconds = parse_seconds("seconds", argument);
		return 0;
	case OPTION_FIXED:
		choices->record.fixed = true;
		return 0;
	case 'o':
		choices->output = argument;
		return 0;
	case ARGP_KEY_ARG:
		errx(EXIT_USAGE, "%s is too many: see %s --help", argument,
			      state->name);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char *setting(const char *argument, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(argument, name, length) && argument[length] == '=' ?
		       argument + length + 1 : NULL;
}

static error_t parse_setting(int key, char *argument, struct argp_state *state)
{
	struct settings *settings = &((struct choices *)state->input)->settings;

	switch (key) {
	case ARGP_KEY_ARG:
		if (!state->arg_num)
			settings->place = argument;
		else if (setting(argument, "policy"))
			settings->policy = setting(argument, "policy");
		else if (setting(argument, "window"))
			settings->window = setting(argument, "window");
		else if (setting(argument, "fit"))
			settings->fit = setting(argument, "fit");
		else
			errx(EXIT_USAGE, "%s: not policy=NAME, window=NUMBER or fit=0|1",
				      argument);
		return 0;
	case ARGP_KEY_END:
		if (settings->policy || settings->window || settings->fit)
			return 0;
		errx(EXIT_USAGE, "say what to set: twostage set MOUNT policy=NAME window=NUMBER fit=0|1");
	default:
		return parse_choice(key, argument, state);
	}
}

static error_t parse_watch(int key, char *argument, struct argp_state *state)
{
	struct watch_options *options = &((struct choices *)state->input)->watch;

	if (key != ARGP_KEY_ARG || options->place)
		return parse_choice(key, argument, state);
	options->place = argument;
	return 0;
}

/* From the first word on it is a command of its own. */
static error_t parse_record(int key, char *argument, struct argp_state *state)
{
	struct record_options *options =
		&((struct choices *)state->input)->record;

	if (key != ARGP_KEY_ARG)
		return parse_choice(key, argument, state);
	options->command = &state->argv[state->next - 1];
	state->next = state->argc;
	return 0;
}

static error_t parse_report(int key, char *argument, struct argp_state *state)
{
	struct report_options *options =
		&((struct choices *)state->input)->report;

	if (key == ARGP_KEY_ARG && options->count < REPORT_MOST_RECORDINGS) {
		options->recordings[options->count++] = argument;
		return 0;
	}
	if (key == ARGP_KEY_NO_ARGS)
		errx(EXIT_USAGE, "name a recording: twostage report RECORDING -o report.html");
	return parse_choice(key, argument, state);
}

static int run_status(int argc, char **argv)
{
	static const struct argp argp = {
		.options = status_arguments,
		.parser = parse_choice,
		.doc = "Shows all filesystems that btrfs_twostage has mounted.",
	};
	struct choices choices = { .root = "/" };

	argp_parse(&argp, argc, argv, 0, NULL, &choices);
	return status_run(choices.root, choices.json) ? EXIT_FAILURE : 0;
}

static int run_set(int argc, char **argv)
{
	static const struct argp argp = {
		.options = set_arguments,
		.parser = parse_setting,
		.args_doc = "MOUNT [policy=NAME] [window=NUMBER] [fit=0|1]",
		.doc = "Chooses how the next commits of a filesystem write their caches. MOUNT is where it is mounted, or its UUID.",
	};
	struct choices choices = { .root = "/" };

	argp_parse(&argp, argc, argv, 0, NULL, &choices);
	choices.settings.json = choices.json;
	return set_run(choices.root, &choices.settings) ? EXIT_FAILURE : 0;
}

static int run_watch(int argc, char **argv)
{
	static const struct argp argp = {
		.options = watch_arguments,
		.parser = parse_watch,
		.args_doc = "[MOUNT]",
		.doc = "Prints a line for each commit as it ends, until interrupted. MOUNT is where it is mounted, or its UUID; without it all are watched.",
	};
	struct choices choices = { .root = "/", .watch.interval = 1 };

	argp_parse(&argp, argc, argv, 0, NULL, &choices);
	choices.watch.json = choices.json;
	return watch_run(choices.root, &choices.watch) ? EXIT_FAILURE : 0;
}

static int run_record(int argc, char **argv)
{
	static const struct argp argp = {
		.options = record_arguments,
		.parser = parse_record,
		.args_doc = "[--] [COMMAND [ARGUMENT...]]",
		.doc = "Records what the module traces, while COMMAND runs, or until interrupted. It is for twostage report.",
	};
	struct choices choices = {
		.output = "twostage.rec", .record.buffer = 8 << 20,
	};
	int ret;

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &choices);
	choices.record.output = choices.output;
	choices.record.json = choices.json;
	ret = record_run(&choices.record);
	return ret < 0 ? EXIT_FAILURE : ret;
}

static int run_report(int argc, char **argv)
{
	static const struct argp argp = {
		.options = report_arguments,
		.parser = parse_report,
		.args_doc = "RECORDING [RECORDING]",
		.doc = "Makes a page of a recording, or of two side by side, that shows each commit and its caches.",
	};
	struct choices choices = { .output = NULL };

	argp_parse(&argp, argc, argv, 0, NULL, &choices);
	choices.report.output = choices.output;
	choices.report.json = choices.json;
	return report_run(&choices.report) ? EXIT_FAILURE : 0;
}

static int run_export(int argc, char **argv)
{
	static const struct argp argp = {
		.options = export_arguments,
		.parser = parse_choice,
		.doc = "Prints what the module counts, for Prometheus, or as JSON for other programs.",
	};
	struct choices choices = { .root = "/" };

	argp_parse(&argp, argc, argv, 0, NULL, &choices);
	return export_run(choices.root, choices.output, choices.json) ?
		       EXIT_FAILURE : 0;
}

static const struct command commands[] = {
	{ "status", "what is mounted, how it writes, and what it has counted",
	  run_status },
	{ "set", "choose how a mounted filesystem writes its caches",
	  run_set },
	{ "watch", "each commit as it ends, a line each", run_watch },
	{ "record", "what the module traces, to a file", run_record },
	{ "report", "a page of one recording, or of two side by side",
	  run_report },
	{ "export", "what is counted, as metrics for Prometheus", run_export },
	{ "doctor", "what stands between this machine and a working module",
	  run_doctor },
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
		fprintf(out, "  %-10s %s\n", commands[i].name,
			commands[i].about);
	fputs("\nEach has its own --help.", out);
	fclose(out);
	return list;
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	complain("%s: no such command: see twostage --help", name);
	exit(EXIT_USAGE);
}

static error_t parse_main(int key, char *argument, struct argp_state *state)
{
	const struct command *command;
	char name[64];

	switch (key) {
	case ARGP_KEY_ARG:
		command = find_command(argument);
		snprintf(name, sizeof(name), "twostage %s", command->name);
		state->argv[state->next - 1] = name;
		*(int *)state->input =
			command->run(state->argc - state->next + 1,
				     state->argv + state->next - 1);
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		complain("name a command: see twostage --help");
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_main, .args_doc = "COMMAND [OPTION...]",
		.doc = "Looks after the kernel module btrfs_twostage.\v ",
		.help_filter = list_commands,
	};
	int status = EXIT_FAILURE;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &status);
	return status;
}
