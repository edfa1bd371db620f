// SPDX-License-Identifier: GPL-2.0
/*
 * twostage set: choose the policy, the window and the size of cache files of a
 * mounted filesystem.
 *
 * The module checks the values, not this program. Writing a policy sets its own
 * window, so the window comes second; where something is refused, the policy
 * that was there is put back with its window.
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

/* What can be set, in the order of setting it. */
enum { POLICY, WINDOW, FIT, NR_NAMES };
static const struct {
	const char *name;
	const char *what_it_may_be;
} names[NR_NAMES] = {
	[POLICY] = { "policy",
		     "no such policy: serial, two_stage, early or stock" },
	[WINDOW] = { "window",
		     "a number from 0, for no bound, to 65536; the policy stock has none" },
	[FIT] = { "fit",
		  "1 for cache files that fit their contents, 0 for the distribution's size" },
};

static void explain(unsigned int which, const char *value, int ret)
{
	const char *name = names[which].name;

	switch (ret) {
	case -EINVAL:
		complain("%s=%s: %s", name, value, names[which].what_it_may_be);
		break;
	case -EOPNOTSUPP:
		complain("%s=%s: this build knows only stock: see twostage doctor",
			 name, value);
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
	char values[NR_NAMES][16];
};

static int read_state(struct target *target, struct state *state)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < NR_NAMES && !ret; i++)
		ret = read_value(target, names[i].name, state->values[i],
				 sizeof(state->values[i]));
	if (ret)
		complain_about_file(target->system.path, ret);
	return ret;
}

static void put_back(struct target *target, const struct state *before)
{
	if (!write_value(target, "policy", before->values[POLICY]) &&
	    strcmp(before->values[POLICY], "stock"))
		write_value(target, "window", before->values[WINDOW]);
}

static int apply(struct target *target, const struct settings *settings)
{
	const char *const values[NR_NAMES] = {
		[POLICY] = settings->policy,
		[WINDOW] = settings->window,
		[FIT] = settings->fit,
	};
	bool changed = false;
	struct state before;
	unsigned int i;
	int ret;

	ret = read_state(target, &before);
	for (i = 0; i < NR_NAMES && !ret; i++) {
		if (!values[i])
			continue;
		ret = write_value(target, names[i].name, values[i]);
		if (ret) {
			explain(i, values[i], ret);
			if (changed)
				put_back(target, &before);
		}
		changed = true;
	}
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
	return target->mounted ? 0 : -ENODEV;
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
	json_add_text(object, "policy", state.values[POLICY]);
	json_add_number(object, "window",
			strtoull(state.values[WINDOW], NULL, 10));
	json_add_number(object, "fit", strtoull(state.values[FIT], NULL, 10));
	json_print_line(stdout, object);
	json_object_put(object);
	return 0;
}

/**
 * set_run - choose how the caches of a mounted filesystem are written
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
