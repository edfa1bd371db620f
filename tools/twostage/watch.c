// SPDX-License-Identifier: GPL-2.0
/*
 * twostage watch: a line for each commit as it ends, in the manner of iostat.
 *
 * It reads what is new in /proc/fs/btrfs_twostage/<fsid>/history, so it delays
 * no commit and needs no tracing. Columns are found by the names in the first
 * line of the history, so that a module with more columns can be watched, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "json.h"
#include "mounts.h"
#include "system.h"

#define LINES_BETWEEN_HEADINGS	24
#define NS_PER_SECOND		1000000000LL

/* The commits of a filesystem up to @transid have been printed. */
struct seen {
	char identifier[IDENTIFIER_LENGTH + 1];
	int64_t transid;
};

struct watch {
	const struct options *options;
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

/* A line of the history as JSON, or NULL if it does not match the heading. */
static struct json_object *parse_commit(const char *identifier,
					const char *heading, char *line)
{
	struct json_object *commit = json_made(json_object_new_object());
	char *names, *name, *word;
	struct json_object *value;

	json_set_text(commit, "fsid", identifier);
	name = strtok_r(strdupa(heading), " ", &names);
	word = strtok_r(line, " ", &line);
	while (name && word) {
		if (!strcmp(name, "policy"))
			value = json_object_new_string(word);
		else
			value = json_object_new_int64(strtoll(word, NULL, 10));
		json_set(commit, name, json_made(value));
		name = strtok_r(NULL, " ", &names);
		word = strtok_r(NULL, " ", &line);
	}
	if (!name && !word)
		return commit;
	json_object_put(commit);
	return NULL;
}

static double milliseconds(struct json_object *commit, const char *name)
{
	return json_get_int(commit, name) / 1e6;
}

static void print_text(const struct watch *watch, struct json_object *commit)
{
	const char *window = json_get_text(commit, "window");
	int result = json_get_int(commit, "result");

	if (!(watch->printed % LINES_BETWEEN_HEADINGS))
		printf("%-8s %8s %-9s %6s %9s %9s %9s %9s %9s %7s %6s %9s %5s %8s %7s\n",
		       "FSID", "TRANSID", "POLICY", "WINDOW", "WHOLE ms",
		       "EARLY ms", "CRIT ms", "SETUP ms", "COMMIT ms",
		       "STARTED", "WAITED", "REDIRTIED", "PEAK", "KiB", "PUT OFF");
	if (!strcmp(json_get_text(commit, "policy"), "stock"))
		window = "-";
	else if (!strcmp(window, "0"))
		window = "none";
	printf("%-8.8s %8s %-9s %6s %9.3f %9.3f %9.3f %9.3f %9.3f %7s %6s %9s %5s %8jd %7s",
	       json_get_text(commit, "fsid"), json_get_text(commit, "transid"),
	       json_get_text(commit, "policy"), window,
	       milliseconds(commit, "whole_ns"),
	       milliseconds(commit, "early_ns"),
	       milliseconds(commit, "critical_ns"),
	       milliseconds(commit, "setup_ns"),
	       milliseconds(commit, "commit_ns"), json_get_text(commit, "started"),
	       json_get_text(commit, "waited"), json_get_text(commit, "redirtied"),
	       json_get_text(commit, "peak"),
	       (intmax_t)(json_get_int(commit, "bytes") / 1024),
	       json_get_text(commit, "put_off"));
	if (result)
		printf("  failed: %s", strerror(-result));
	putchar('\n');
}

static bool is_done(const struct watch *watch)
{
	return stopped || (watch->options->count &&
			   watch->printed >= watch->options->count);
}

/* Print what is new in a history, or if @quiet only note that it is there. */
static int print_new(struct watch *watch, struct seen *seen, char *history, bool quiet)
{
	const char *heading = strsep(&history, "\n");
	struct json_object *commit;
	int64_t transid;
	char *line;

	if (!history || !*heading)
		return -EPROTO;
	while (!is_done(watch) && (line = strsep(&history, "\n")) && *line) {
		commit = parse_commit(seen->identifier, heading, line);
		if (!commit)
			return -EPROTO;
		transid = json_get_int(commit, "transid");
		if (transid > seen->transid && !quiet) {
			if (seen->transid && transid > seen->transid + 1)
				complain("%s: %jd commits were not seen: choose a shorter --interval",
					 seen->identifier,
					 (intmax_t)(transid - seen->transid - 1));
			if (watch->options->json)
				puts(json_print(commit, JSON_LINE));
			else
				print_text(watch, commit);
			watch->printed++;
		}
		if (transid > seen->transid)
			seen->transid = transid;
		json_object_put(commit);
	}
	return 0;
}

/* The commits seen of a filesystem, also if it was unmounted and is back. */
static struct seen *find_seen(struct watch *watch, const char *identifier)
{
	struct seen *seen;
	int i;

	for (i = 0; i < watch->filesystems; i++)
		if (!strcmp(watch->seen[i].identifier, identifier))
			return &watch->seen[i];
	watch->seen = reallocarray(watch->seen, ++watch->filesystems, sizeof(*seen));
	expect_memory(watch->seen);
	seen = &watch->seen[i];
	*seen = (struct seen){ .transid = 0 };
	memcpy(seen->identifier, identifier, sizeof(seen->identifier));
	return seen;
}

static int look_at(struct watch *watch, const struct mounted *mounted, bool first)
{
	struct seen *seen = find_seen(watch, mounted->identifier);
	char *history;
	int fd, ret;

	fd = system_open(watch->options->system, O_RDONLY,
			 "/proc/fs/btrfs_twostage/%s/history", mounted->identifier);
	ret = read_file(fd, &history);
	if (!ret)
		ret = print_new(watch, seen, history, first);
	free(history);
	/* It was unmounted meanwhile. */
	if (!ret || ret == -ENOENT)
		return 0;
	return complain_about_file(watch->options->system->path, ret);
}

static int look_at_all(struct watch *watch, bool first)
{
	const struct mounted *only = NULL;
	struct mounted *mounts;
	int count, i, ret = 0;

	count = mounts_list(watch->options->system, &mounts);
	if (count < 0)
		return count;
	if (watch->options->nr_arguments) {
		only = mounts_find(mounts, count, watch->options->arguments[0]);
		if (!only)
			ret = -ENODEV;
	}
	for (i = 0; i < count && !ret; i++)
		if (!only || only == &mounts[i])
			ret = look_at(watch, &mounts[i], first);
	mounts_free(mounts, count);
	return ret;
}

int watch_run(const struct options *options)
{
	struct watch watch = { .options = options };
	struct sigaction action = { .sa_handler = stop };
	int64_t interval = options->interval * NS_PER_SECOND;
	struct timespec pause = { interval / NS_PER_SECOND,
				  interval % NS_PER_SECOND };
	int ret;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	ret = look_at_all(&watch, true);
	while (!ret && !is_done(&watch)) {
		nanosleep(&pause, NULL);
		ret = look_at_all(&watch, false);
		if (!ret && fflush(stdout))
			ret = complain_about_file("standard output", -EIO);
	}
	free(watch.seen);
	return ret;
}
