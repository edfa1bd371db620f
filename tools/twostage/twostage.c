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
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

#define EXIT_USAGE	2

enum {
	OPTION_JSON = 0x100,
	OPTION_KERNEL,
	OPTION_ROOT,
};

struct command {
	const char *name;
	const char *about;
	int (*run)(int argc, char **argv);
};

const char *argp_program_version = "twostage " TWOSTAGE_VERSION;

__attribute__((format(printf, 1, 2)))
static void complain(const char *format, ...)
{
	va_list arguments;

	fputs("twostage: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

static const struct argp_option doctor_arguments[] = {
	{ "json", OPTION_JSON, NULL, 0, "print JSON", 0 },
	{ "kernel", OPTION_KERNEL, "RELEASE", 0,
	  "ask about this kernel, not the one that runs", 0 },
	{ "root", OPTION_ROOT, "DIR", 0,
	  "look at the system below this directory", 0 },
	{ 0 }
};

static error_t parse_doctor(int key, char *argument, struct argp_state *state)
{
	struct doctor_options *options = state->input;

	switch (key) {
	case OPTION_JSON:
		options->json = true;
		break;
	case OPTION_KERNEL:
		/* It becomes part of paths. */
		if (!*argument || strchr(argument, '/') || *argument == '.') {
			complain("--kernel=%s is no kernel's release: see /lib/modules",
				 argument);
			exit(EXIT_USAGE);
		}
		options->kernel = argument;
		break;
	case OPTION_ROOT:
		options->root = argument;
		break;
	case ARGP_KEY_ARG:
		complain("doctor takes no argument: %s is too many", argument);
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int run_doctor(int argc, char **argv)
{
	static const struct argp argp = {
		.options = doctor_arguments, .parser = parse_doctor,
		.doc =
			"Says what stands between this machine and a working btrfs_twostage, with a remedy for each.\vExit status: 0 if all is well, 1 if there is something to do, 2 if the command line was wrong.",
	};
	struct doctor_options options = { .root = "/" };
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	ret = doctor_run(&options);
	if (ret >= 0)
		return ret;
	if (ret == -ENOTDIR || ret == -ENOENT)
		complain("--root=%s: %s: name a directory", options.root,
			 strerror(-ret));
	else
		complain("doctor: %s", strerror(-ret));
	return ret == -ENOTDIR || ret == -ENOENT ? EXIT_USAGE : EXIT_FAILURE;
}

static const struct command commands[] = {
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
