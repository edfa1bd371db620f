// SPDX-License-Identifier: GPL-2.0
/*
 * twostage set: choose how a mounted filesystem writes its caches.
 *
 * The module checks the values. A policy sets its own window, so the window is
 * written after it; if a value is refused, the old ones are put back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "json.h"
#include "mounts.h"

/* In the order in which they are written. */
enum { POLICY, WINDOW, FIT, SETTLE, READ_AHEAD, NR_SETTINGS };

#define VALUE_SIZE	16

static const struct {
	const char *name;
	const char *meaning;
} settings[NR_SETTINGS] = {
	[POLICY] = { "policy", "must be serial, two_stage, early or stock" },
	[WINDOW] = { "window",
		     "from 0, for no bound, to 65536; serial has the window 1, and stock none" },
	[FIT] = { "fit",
		  "must be 1 for cache files that fit their contents, or 0 for stock size" },
	[SETTLE] = { "settle",
		     "must be from 0, to write every cache, to 1000 quiet commits" },
	[READ_AHEAD] = { "read_ahead",
			 "must be 1 to read tree blocks before they are needed, or 0" },
};

/* What contradicts itself. The module checks a window against the policy that is set. */
static int check_window(const char *policy, const char *window)
{
	if (!policy || !window)
		return 0;
	if (!strcmp(policy, "stock"))
		complain("window=%s: the policy stock has no window: leave it out", window);
	else if (!strcmp(policy, "serial") && strcmp(window, "1"))
		complain("window=%s: the policy serial has the window 1: leave it out, or choose two_stage",
			 window);
	else
		return 0;
	return EXIT_USAGE;
}

/* Return: which setting it is, or NR_SETTINGS. */
static int find_setting(const char *argument)
{
	size_t length;
	int i;

	for (i = 0; i < NR_SETTINGS; i++) {
		length = strlen(settings[i].name);
		if (!strncmp(argument, settings[i].name, length) && argument[length] == '=')
			break;
	}
	return i;
}

/* Return: 0, or EXIT_USAGE after a message. */
static int parse_settings(char *const *arguments, const char *values[NR_SETTINGS])
{
	int i;

	if (find_setting(*arguments) != NR_SETTINGS) {
		complain("%s: name the filesystem first: twostage set MOUNT %s", *arguments,
			 *arguments);
		return EXIT_USAGE;
	}
	while (*++arguments) {
		i = find_setting(*arguments);
		if (i == NR_SETTINGS) {
			complain("%s: must be policy=NAME, window=NUMBER, fit=0|1, settle=NUMBER or read_ahead=0|1",
				 *arguments);
			return EXIT_USAGE;
		}
		if (values[i]) {
			complain("%s is there twice: say it once", settings[i].name);
			return EXIT_USAGE;
		}
		values[i] = strchr(*arguments, '=') + 1;
	}
	return check_window(values[POLICY], values[WINDOW]);
}

/* What an older module does not have is "". */
static int read_state(struct system *system, const struct mounted *mounted,
		      char values[NR_SETTINGS][VALUE_SIZE])
{
	int fd, i, ret;

	for (i = 0; i < NR_SETTINGS; i++) {
		fd = mounts_open(system, mounted, O_RDONLY, settings[i].name);
		ret = read_line(fd, values[i], VALUE_SIZE);
		if (ret && (ret != -ENOENT || i == POLICY))
			return complain_about_file(system->path, ret);
	}
	return 0;
}

static int write_value(struct system *system, const struct mounted *mounted,
		       int which, const char *value)
{
	int fd, ret = 0;

	/* The module would not see that nothing is written. */
	if (!*value)
		return -EINVAL;
	fd = mounts_open(system, mounted, O_WRONLY, settings[which].name);
	if (fd < 0)
		return fd;
	if (write(fd, value, strlen(value)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static const char *reason(int which, int error)
{
	switch (error) {
	case -EINVAL:
		return settings[which].meaning;
	case -EOPNOTSUPP:
		return "this build has only the policy stock: see twostage doctor";
	case -ENOENT:
		return "this module does not have it: install and load a newer one";
	case -ENODEV:
		return "it was unmounted meanwhile";
	case -EACCES:
	case -EPERM:
		return "not permitted: run it as root";
	default:
		return strerror(-error);
	}
}

static int apply(struct system *system, const struct mounted *mounted,
		 const char *const values[NR_SETTINGS])
{
	bool changed = false;
	char before[NR_SETTINGS][VALUE_SIZE];
	int i, ret;

	ret = read_state(system, mounted, before);
	if (ret)
		return ret;
	for (i = 0; i < NR_SETTINGS; i++) {
		if (!values[i])
			continue;
		ret = write_value(system, mounted, i, values[i]);
		if (ret)
			goto put_back;
		changed = true;
	}
	return 0;

put_back:
	complain("%s=%s: %s", settings[i].name, values[i], reason(i, ret));
	/* The policy stock takes no window. */
	for (i = 0; changed && i < NR_SETTINGS; i++)
		if (*before[i])
			write_value(system, mounted, i, before[i]);
	return ret;
}

static int print_json(struct system *system, const struct mounted *mounted)
{
	struct json_object *object;
	char values[NR_SETTINGS][VALUE_SIZE];
	int i, ret;

	ret = read_state(system, mounted, values);
	if (ret)
		return ret;
	object = json_made(json_object_new_object());
	json_set_text(object, "fsid", mounted->identifier);
	json_set_text(object, "policy", values[POLICY]);
	for (i = WINDOW; i < NR_SETTINGS; i++)
		if (*values[i])
			json_set_number(object, settings[i].name,
					strtoull(values[i], NULL, 10));
	puts(json_print(object, JSON_LINE));
	json_object_put(object);
	return 0;
}

/* After a failure nothing has changed. */
int set_run(const struct options *options)
{
	const char *values[NR_SETTINGS] = { NULL };
	struct system *system = options->system;
	const struct mounted *mounted;
	struct mounts mounts;
	int ret;

	ret = parse_settings(options->arguments, values);
	if (ret)
		return ret;
	ret = mounts_read(system, &mounts);
	if (ret)
		return ret;
	mounted = mounts_find(&mounts, options->arguments[0]);
	ret = mounted ? apply(system, mounted, values) : -ENODEV;
	if (!ret && options->json)
		ret = print_json(system, mounted);
	mounts_free(&mounts);
	return ret;
}
