// SPDX-License-Identifier: GPL-2.0
/*
 * Puts the events of a recording together to commits; see commits.h.
 *
 * Events come in the order of their times. A cache is found again by its block
 * group where it is waited for, and by its file where it is completed. Those in
 * flight lie close together, so they are looked for from the first one on.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commits.h"

/**
 * commits_moment - a time as it is given out
 * @commits: the commits
 * @time: of the monotonic clock
 * @before: how long before that, in nanoseconds
 *
 * Return: nanoseconds since the recording began, or UNKNOWN for what was before.
 */
int64_t commits_moment(const struct commits *commits, uint64_t time,
		       int64_t before)
{
	uint64_t begin = commits->recording->begin;

	if (before < 0 || time < begin || time - begin < (uint64_t)before)
		return UNKNOWN;
	return time - begin - before;
}

static struct recorded_commit *find_commit(struct commits *commits,
					   const struct recorded *event)
{
	struct recorded_commit *commit;
	size_t i;

	for (i = commits->count; i; i--) {
		commit = &commits->list[i - 1];
		if (commit->transid == event->transid &&
		    commit->filesystem == event->filesystem)
			return commit;
	}
	commit = list_add((void **)&commits->list, &commits->count,
			  sizeof(*commit));
	if (!commit)
		return NULL;
	commit->transid = event->transid;
	commit->filesystem = event->filesystem;
	return commit;
}

static void note_value(struct commits *commits, enum twostage_histogram which,
		       int64_t value)
{
	unsigned int interval = value > 0 ? 64 - __builtin_clzll(value) : 0;

	commits->histograms[which][interval]++;
}

static int begin_pass(struct commits *commits, struct recorded_commit *commit,
		      const struct recorded *event)
{
	struct recorded_pass *pass;

	pass = list_add((void **)&commit->passes, &commit->nr_passes,
			sizeof(*pass));
	if (!pass)
		return -ENOMEM;
	pass->event = event;
	pass->begin = commits_moment(commits, event->time, 0);
	pass->end = UNKNOWN;
	commit->pass = event;
	return 0;
}

static int end_pass(struct commits *commits, struct recorded_commit *commit,
		    const struct recorded *event)
{
	struct recorded_pass *pass = NULL;
	size_t i;
	int ret;

	for (i = 0; i < commit->nr_passes; i++)
		if (commit->passes[i].event->number == event->number)
			pass = &commit->passes[i];
	if (!pass) {
		ret = begin_pass(commits, commit, event);
		if (ret)
			return ret;
		pass = &commit->passes[commit->nr_passes - 1];
	}
	pass->event = event;
	pass->begin = commits_moment(commits, event->time, event->duration_ns);
	pass->end = commits_moment(commits, event->time, 0);
	commit->pass = event;
	if (!strcmp(event->pass, "early"))
		note_value(commits, TWOSTAGE_HISTOGRAM_early_ns,
			   event->duration_ns);
	else if (!strcmp(event->pass, "commit"))
		note_value(commits, TWOSTAGE_HISTOGRAM_commit_ns,
			   event->duration_ns);
	return 0;
}

static struct recorded_cache *find_open(struct recorded_commit *commit,
					const struct recorded *event)
{
	struct recorded_cache *cache;
	size_t i;

	while (commit->first_open < commit->nr_caches &&
	       commit->caches[commit->first_open].ended)
		commit->first_open++;
	for (i = commit->first_open; i < commit->nr_caches; i++) {
		cache = &commit->caches[i];
		if (cache->ended)
			continue;
		if (event->kind == RECORDED_CACHE_COMPLETE ?
		    cache->started->cache_inode == event->cache_inode :
		    cache->started->start == event->start)
			return cache;
	}
	return NULL;
}

static int start_cache(struct commits *commits, struct recorded_commit *commit,
		       const struct recorded *event)
{
	struct recorded_cache *cache;

	cache = list_add((void **)&commit->caches, &commit->nr_caches,
			 sizeof(*cache));
	if (!cache)
		return -ENOMEM;
	cache->started = event;
	cache->start_begin = commits_moment(commits, event->time,
					    event->duration_ns);
	cache->start_end = commits_moment(commits, event->time, 0);
	cache->completed = UNKNOWN;
	cache->wait_begin = UNKNOWN;
	cache->wait_end = UNKNOWN;
	commit->num_started++;
	commit->bytes += event->cache_bytes;
	if ((uint64_t)event->in_flight > commit->peak_in_flight)
		commit->peak_in_flight = event->in_flight;
	note_value(commits, TWOSTAGE_HISTOGRAM_in_flight, event->in_flight);
	return 0;
}

static void end_cache(struct commits *commits, struct recorded_commit *commit,
		      const struct recorded *event)
{
	struct recorded_cache *cache = find_open(commit, event);
	bool discarded = event->kind == RECORDED_CACHE_DISCARD;

	if (discarded) {
		commit->num_discarded++;
	} else {
		commit->num_waited++;
		commit->num_redirtied += !strcmp(event->reason, "redirtied");
		note_value(commits, TWOSTAGE_HISTOGRAM_wait_ns,
			   event->duration_ns);
	}
	/* Its start was before the recording, or lost. */
	if (!cache)
		return;
	cache->ended = event;
	cache->wait_begin = commits_moment(commits, event->time,
					   event->duration_ns);
	cache->wait_end = commits_moment(commits, event->time, 0);
}

static int add_event(struct commits *commits, const struct recorded *event)
{
	struct recorded_commit *commit = find_commit(commits, event);
	struct recorded_cache *cache;

	if (!commit)
		return -ENOMEM;
	switch (event->kind) {
	case RECORDED_PASS_BEGIN:
		return begin_pass(commits, commit, event);
	case RECORDED_PASS_END:
		return end_pass(commits, commit, event);
	case RECORDED_CACHE_START:
		return start_cache(commits, commit, event);
	case RECORDED_CACHE_SKIP:
		commit->num_skipped++;
		break;
	case RECORDED_CACHE_WAIT:
	case RECORDED_CACHE_DISCARD:
		end_cache(commits, commit, event);
		break;
	case RECORDED_CACHE_COMPLETE:
		cache = find_open(commit, event);
		if (cache)
			cache->completed = commits_moment(commits, event->time, 0);
		break;
	case RECORDED_COMMIT:
		commit->critical = event;
		break;
	default:
		commit->end = event;
		break;
	}
	return 0;
}

/**
 * commits_gather - put the events of a recording together
 * @recording: the recording, which must outlive the commits
 * @commits: where they go; to be freed by commits_free(), in any case
 *
 * Return: 0 or -ENOMEM.
 */
int commits_gather(const struct recording *recording, struct commits *commits)
{
	size_t i;
	int ret = 0;

	*commits = (struct commits){ .recording = recording };
	for (i = 0; i < recording->nr_events && !ret; i++)
		ret = add_event(commits, &recording->events[i]);
	return ret;
}

/**
 * commits_free - free what commits_gather() has made
 * @commits: the commits
 */
void commits_free(struct commits *commits)
{
	while (commits->count) {
		commits->count--;
		free(commits->list[commits->count].passes);
		free(commits->list[commits->count].caches);
	}
	free(commits->list);
}
