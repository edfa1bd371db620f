// SPDX-License-Identifier: GPL-2.0
/*
 * twostage watch: a line for each commit as it ends, in the manner of iostat.
 *
 * It asks the module's histories for what is new, so no commit is held up and
 * nothing has to be traced. As JSON a line is an object, with every column of
 * the history by its name.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "history.h"
#include "json.h"

#define LINES_BETWEEN_HEADINGS	24
#define NS_PER_SECOND		1000000000LL

/* Which commits of a filesystem have been printed. */
struct seen {
	char identifier[IDENTIFIER_LENGTH + 1];
	int64_t transid;
};

struct watch {
	const struct watch_options *options;
	struct system system;
	struct seen *seen;
	int filesystems;
	uint64_t printed;
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

static void print_heading(void)
{
	printf("%-8s %8s %-9s %6s %9s %9s %9s %9s %9s %7s %7s %5s %6s %9s\n",
	       "FSID", "TRANSID", "POLICY", "WINDOW", "WHOLE ms", "EARLY ms",
	       "CRIT ms", "SETUP ms", "COMMIT ms", "STARTED", "WAITED", "AGAIN",
	       "PEAK", "KiB");
}

static double milliseconds(const struct history *history, const char *name)
{
	return history_number(history, name) / 1e6;
}

static void print_text(const struct watch *watch, const struct seen *seen,
		       const struct history *history)
{
	const char *policy = history_text(history, "policy");
	const char *window = history_text(history, "window");
	int result = history_number(history, "result");

	if (!(watch->printed % LINES_BETWEEN_HEADINGS))
		print_heading();
	if (!strcmp(policy, "stock"))
		window = "-";
	else if (!strcmp(window, "0"))
		window = "none";
	printf("%-8.8s %8s %-9s %6s %9.3f %9.3f %9.3f %9.3f %9.3f %7s %7s %5s %6s %9jd",
	       seen->identifier, history_text(history, "transid"), policy,
	       window, milliseconds(history, "whole_ns"),
	       milliseconds(history, "early_ns"),
	       milliseconds(history, "critical_ns"),
	       milliseconds(history, "setup_ns"),
	       milliseconds(history, "commit_ns"),
	       history_text(history, "started"),
	       history_text(history, "waited"), history_text(history, "redirtied"),
	       history_text(history, "peak"),
	       (intmax_t)(history_number(history, "bytes") / 1024));
	if (result)
		printf("  failed: %s", strerror(-result));
	putchar('\n');
}

static void print_json(const struct seen *seen, const struct history *history)
{
	struct json_object *object = json_object_new_object();
	struct json_object *value;
	unsigned int i;

	json_add_text(object, "fsid", seen->identifier);
	for (i = 0; i < history->columns; i++) {
		if (!strcmp(history->names[i], "policy"))
			value = json_object_new_string(history->values[i]);
		else
			value = json_object_new_int64(
				strtoll(history->values[i], NULL, 10));
		json_add(object, history->names[i], value);
	}
	json_print_line(stdout, object);
	json_object_put(object);
}

static bool is_done(const struct watch *watch)
{
	return stopped || (watch->options->count &&
			   watch->printed >= watch->options->count);
}

/* Print what is new, or with @quiet only take note of it. */
static int go_through(struct watch *watch, struct seen *seen,
		      struct history *history, bool quiet)
{
	int64_t transid;
	int ret = 0;

	while (!is_done(watch) && (ret = history_next(history)) > 0) {
		transid = history_number(history, "transid");
		if (transid <= seen->transid)
			continue;
		if (!quiet && transid > seen->transid + 1 && seen->transid)
			complain("%s: %jd commits were not seen: choose a shorter --interval",
				 seen->identifier,
				 (intmax_t)(transid - seen->transid - 1));
		seen->transid = transid;
		if (quiet)
			continue;
		if (watch->options->json)
			print_json(seen, history);
		else
			print_text(watch, seen, history);
		watch->printed++;
	}
	return ret < 0 ? ret : 0;
}

/* Sets @known if it was there the last time. */
static struct seen *find_seen(struct watch *watch, const char *identifier,
			      bool *known)
{
	struct seen *longer;
	int i;

	*known = true;
	for (i = 0; i < watch->filesystems; i++)
		if (!strcmp(watch->seen[i].identifier, identifier))
			return &watch->seen[i];
	*known = false;
	longer = reallocarray(watch->seen, i + 1, sizeof(*longer));
	if (!longer)
		return NULL;
	watch->seen = longer;
	watch->filesystems++;
	longer[i] = (struct seen){ .transid = 0 };
	memcpy(longer[i].identifier, identifier, sizeof(longer[i].identifier));
	return &longer[i];
}

static int look_at(struct watch *watch, const struct mounted *mounted,
		   bool first)
{
	struct history history;
	struct seen *seen;
	bool known;
	int ret;

	seen = find_seen(watch, mounted->identifier, &known);
	if (!seen)
		return -ENOMEM;
	ret = history_open(&watch->system, mounted, &history);
	/* It was unmounted meanwhile. */
	if (ret == -ENOENT)
		return 0;
	if (ret)
		return ret;
	/* What was mounted before, and mounted again, goes on. */
	ret = go_through(watch, seen, &history, first && !known);
	history_close(&history);
	return ret;
}

static int look_at_all(struct watch *watch, bool first)
{
	const struct mounted *only = NULL;
	struct mounted *mounts;
	int count, i, ret = 0;

	count = mounts_list(&watch->system, &mounts);
	if (count < 0)
		return count;
	if (watch->options->place) {
		only = mounts_find(mounts, count, watch->options->place);
		if (!only)
			ret = -ENODEV;
	}
	for (i = 0; i < count && !ret; i++)
		if (mounts[i].ours && (!only || only == &mounts[i]))
			ret = look_at(watch, &mounts[i], first);
	mounts_free(mounts, count);
	return ret;
}

static int follow(struct watch *watch)
{
	int64_t interval = watch->options->interval * NS_PER_SECOND;
	struct timespec pause = { interval / NS_PER_SECOND,
				  interval % NS_PER_SECOND };
	int ret;

	ret = look_at_all(watch, true);
	while (!ret && !is_done(watch)) {
		nanosleep(&pause, NULL);
		ret = look_at_all(watch, false);
		if (!ret && fflush(stdout))
			ret = -EIO;
	}
	return ret;
}

/**
 * watch_run - print each commit as it ends, until interrupted
 * @root: the directory below which the system is looked at
 * @options: what to watch
 *
 * Return: 0 or a negative errno, which was said.
 */
int watch_run(const char *root, const struct watch_options *options)
{
	struct sigaction action = { .sa_handler = stop };
	struct watch watch = { .options = options };
	int ret;

	ret = open_root(&watch.system, root);
	if (ret)
		goto out;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	ret = follow(&watch);
	if (ret && ret != -ENODEV)
		complain_about_file(watch.system.path, ret);
out:
	free(watch.seen);
	system_close_root(&watch.system);
	return ret;
}
