// SPDX-License-Identifier: GPL-2.0
/*
 * twostage watch: a line for each commit as it ends, in the manner of iostat.
 *
 * It reads what is new in the history of each filesystem, so it delays no commit
 * and needs no tracing.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "advice.h"
#include "commands.h"
#include "history.h"
#include "mounts.h"
#include "output.h"

#define LINES_BETWEEN_HEADINGS	24
#define NS_PER_SECOND		1000000000LL
#define IDLE_SECONDS		60	/* btrfs commits every 30 what was written */

/*
 * The commits of a mount up to @ended have been printed, of transactions up to @transid:
 * commits may end in another order than that of their transactions. 0 is before the
 * first one. A guess of @transid may be one too low.
 */
struct seen {
	char identifier[IDENTIFIER_LENGTH + 1];
	ino_t instance;
	int64_t ended;
	int64_t transid;
	bool guessed;
};

struct watch {
	const struct options *options;
	char only[IDENTIFIER_LENGTH + 1];	/* watch this one; empty for all */
	struct seen *seen;
	int filesystems;
	uint64_t printed;
	double idle;		/* seconds without any commit so far */
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
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
		printf("%-8s %8s %-9s %6s %9s %9s %9s %9s %9s %9s %6s %7s %6s %9s %5s %8s %7s\n",
		       "FSID", "TRANSID", "POLICY", "WINDOW", "WHOLE ms", "READ ms",
		       "EARLY ms", "CRIT ms", "SETUP ms", "COMMIT ms", "READ",
		       "STARTED", "WAITED", "REDIRTIED", "PEAK", "KiB", "PUT OFF");
	if (!strcmp(json_get_text(commit, "policy"), "stock"))
		window = "-";
	else if (!strcmp(window, "0"))
		window = "none";
	printf("%-8.8s %8s %-9s %6s %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f %6jd %7s %6s %9s %5s %8jd %7s",
	       json_get_text(commit, "fsid"), json_get_text(commit, "transid"),
	       json_get_text(commit, "policy"), window,
	       milliseconds(commit, "whole_ns"),
	       milliseconds(commit, "read_ns"),
	       milliseconds(commit, "early_ns"),
	       milliseconds(commit, "critical_ns"),
	       milliseconds(commit, "setup_ns"),
	       milliseconds(commit, "commit_ns"),
	       (intmax_t)(json_get_int(commit, "blocks_read") +
			  json_get_int(commit, "caches_read")),
	       json_get_text(commit, "started"),
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

static void complain_about_lost(const struct seen *seen, int64_t transid)
{
	int64_t lost = transid - seen->transid - 1 - seen->guessed;

	if (seen->transid && lost > 0)
		complain("%s: %jd commits were not seen: choose a shorter --interval",
			 seen->identifier, (intmax_t)lost);
}

/* None is lost while the history still has one that was printed. */
static void print_new(struct watch *watch, struct seen *seen, struct json_object *commits)
{
	struct json_object *commit;
	int64_t transid, ended;
	bool complete = false;
	size_t i;

	for (i = 0; i < json_object_array_length(commits) && !is_done(watch); i++) {
		commit = json_object_array_get_idx(commits, i);
		transid = json_get_int(commit, "transid");
		ended = json_get_int(commit, "ended");
		if (ended <= seen->ended) {
			complete = true;
			continue;
		}
		if (!complete)
			complain_about_lost(seen, transid);
		complete = true;
		if (watch->options->json)
			puts(json_print(commit, JSON_LINE));
		else
			print_text(watch, commit);
		output_flush();
		watch->printed++;
		seen->ended = ended;
		if (transid > seen->transid)
			seen->transid = transid;
		seen->guessed = false;
	}
}

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

/*
 * Notes the last commit before the watch. After a reset there is none in the history,
 * but btrfs tells its last transaction, which may be running.
 */
static void begin(struct system *system, const struct mounted *mounted, struct seen *seen,
		  struct json_object *commits)
{
	size_t count = json_object_array_length(commits);
	struct json_object *last;
	char generation[32];

	if (count) {
		last = json_object_array_get_idx(commits, count - 1);
		seen->ended = json_get_int(last, "ended");
		seen->transid = json_get_int(last, "transid");
		return;
	}
	read_line(system_open(system, O_RDONLY, "%s/%s/generation", mounted->folder,
			      mounted->identifier), generation, sizeof(generation));
	seen->transid = strtoll(generation, NULL, 10) - 1;
	seen->guessed = seen->transid > 0;
	if (!seen->guessed)
		seen->transid = 0;
}

static int look_at(struct watch *watch, const struct mounted *mounted, bool first)
{
	struct system *system = watch->options->system;
	struct seen *seen = find_seen(watch, mounted->identifier);
	struct json_object *commits;
	int ret;

	/* All commits of a new mount are new. */
	if (seen->instance != mounted->instance) {
		seen->instance = mounted->instance;
		seen->transid = 0;
		seen->ended = 0;
		advice_print(system, mounted);
	}
	ret = history_read(system, mounted->identifier, &commits);
	/* It was unmounted meanwhile. */
	if (ret == -ENOENT)
		return 0;
	if (ret)
		return complain_about_file(system->path, ret);
	if (first)
		begin(system, mounted, seen, commits);
	else
		print_new(watch, seen, commits);
	json_object_put(commits);
	return 0;
}

/* Decides what to watch. Return: 0 or a negative errno, after a message. */
static int choose(struct watch *watch, const struct mounts *mounts)
{
	const struct mounted *mounted;

	if (watch->options->arguments) {
		mounted = mounts_find(mounts, watch->options->arguments[0]);
		if (!mounted)
			return -ENODEV;
		memcpy(watch->only, mounted->identifier, sizeof(watch->only));
	} else if (!mounts->count) {
		complain(NOTHING_IS_MOUNTED);
	}
	return 0;
}

static int look_at_all(struct watch *watch, bool first)
{
	struct mounts mounts;
	int i, watched = 0, ret;

	ret = mounts_read(watch->options->system, &mounts);
	if (ret)
		return ret;
	if (first)
		ret = choose(watch, &mounts);
	for (i = 0; i < mounts.count && !ret; i++) {
		if (*watch->only && strcmp(watch->only, mounts.list[i].identifier))
			continue;
		ret = look_at(watch, &mounts.list[i], first);
		watched++;
	}
	if (!ret && *watch->only && !watched) {
		complain("%s: unmounted", watch->options->arguments[0]);
		stopped = 1;
	}
	mounts_free(&mounts);
	return ret;
}

static void say_if_idle(struct watch *watch)
{
	bool before = watch->idle < IDLE_SECONDS;

	watch->idle += watch->options->interval;
	if (before && watch->idle >= IDLE_SECONDS && !watch->printed)
		complain("no commit for a minute: write something, and run sync");
}

/**
 * watch_run - print each commit as it ends
 * @options: which filesystem, how often to look, and when to end
 *
 * Return: 0 when interrupted, done, or the filesystem was unmounted; or a negative
 * errno, after a message.
 */
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
		if (!is_done(&watch))
			say_if_idle(&watch);
	}
	free(watch.seen);
	return ret;
}
