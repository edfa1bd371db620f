// SPDX-License-Identifier: GPL-2.0
/*
 * twostage set: choose the policy and the window of a mounted filesystem.
 *
 * The module checks the values, not this program. Writing a policy sets its own
 * window, so the window comes second; where it is refused, the policy that was
 * there is put back with its window.
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

struct target {
	struct system system;
	struct mounted *mounts;
	int count;
	const struct mounted *mounted;
};

static int write_value(struct target *target, const char *name,
		       const char *value)
{
	ssize_t written;
	int fd, ret = 0;

	/* Writing nothing would be taken for a success. */
	if (!*value)
		return -EINVAL;
	fd = system_open(&target->system, O_WRONLY, "%s/%s/writeout/%s",
			 target->mounted->folder, target->mounted->identifier,
			 name);
	if (fd < 0)
		return fd;
	written = write(fd, value, strlen(value));
	if (written < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static void explain(const char *name, const char *value, int ret)
{
	switch (ret) {
	case -EINVAL:
		if (!strcmp(name, "policy"))
			complain("policy=%s: no such policy: serial, two_stage, early or stock",
				 value);
		else
			complain("window=%s: a number from 0, for no bound, to 65536; the policy stock has none",
				 value);
		break;
	case -EOPNOTSUPP:
		complain("policy=%s: this build knows only stock: see twostage doctor",
			 value);
		break;
	case -EACCES:
	case -EPERM:
		complain("%s=%s: not permitted: run it as root", name, value);
		break;
	default:
		complain("%s=%s: %s", name, value, strerror(-ret));
	}
}

static int read_value(struct target *target, const char *name, char *value,
		      size_t size)
{
	return system_read_line(&target->system, value, size,
				"%s/%s/writeout/%s", target->mounted->folder,
				target->mounted->identifier, name);
}

/* What is set, as the module has it. */
struct state {
	char policy[16];
	char window[16];
};

static int read_state(struct target *target, struct state *state)
{
	int ret;

	ret = read_value(target, "policy", state->policy, sizeof(state->policy));
	if (!ret)
		ret = read_value(target, "window", state->window,
				 sizeof(state->window));
	if (ret)
		complain_about_file(target->system.path, ret);
	return ret;
}

static int apply(struct target *target, const struct settings *settings)
{
	struct state before;
	int ret;

	ret = read_state(target, &before);
	if (ret)
		return ret;
	if (settings->policy) {
		ret = write_value(target, "policy", settings->policy);
		if (ret) {
			explain("policy", settings->policy, ret);
			return ret;
		}
	}
	if (!settings->window)
		return 0;
	ret = write_value(target, "window", settings->window);
	if (!ret)
		return 0;
	explain("window", settings->window, ret);
	if (settings->policy && !write_value(target, "policy", before.policy) &&
	    strcmp(before.policy, "stock"))
		write_value(target, "window", before.window);
	return ret;
}

static int find_target(struct target *target, const char *name)
{
	target->count = mounts_list(&target->system, &target->mounts);
	if (target->count < 0) {
		complain_about_file(target->system.path, target->count);
		return target->count;
	}
	target->mounted = mounts_find(target->mounts, target->count, name);
	if (!target->mounted) {
		complain("%s: not mounted by btrfs_twostage: see twostage status",
			 name);
		return -ENOENT;
	}
	return 0;
}

static int print_json(struct target *target)
{
	struct json_object *object;
	struct state state;
	int ret;

	ret = read_state(target, &state);
	if (ret)
		return ret;
	object = json_object_new_object();
	json_add_text(object, "fsid", target->mounted->identifier);
	json_add_text(object, "policy", state.policy);
	json_add_number(object, "window", strtoull(state.window, NULL, 10));
	json_print_line(stdout, object);
	json_object_put(object);
	return 0;
}

/**
 * set_run - choose the policy and the window of a mounted filesystem
 * @root: the directory below which the system is looked at
 * @settings: the filesystem, and what to set
 *
 * Return: 0 or a negative errno, which was said, and then nothing has changed.
 */
int set_run(const char *root, const struct settings *settings)
{
	struct target target = { .count = 0 };
	int ret;

	ret = open_root(&target.system, root);
	if (!ret)
		ret = find_target(&target, settings->place);
	if (!ret)
		ret = apply(&target, settings);
	if (!ret && settings->json)
		ret = print_json(&target);
	if (target.count > 0)
		mounts_free(target.mounts, target.count);
	system_close_root(&target.system);
	return ret;
}
