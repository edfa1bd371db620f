/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the events of a recording tell of each commit, its passes and caches.
 *
 * Times are nanoseconds since the recording began; UNKNOWN is what was not
 * recorded, because it was before or because it was lost.
 */
#ifndef TWOSTAGE_COMMITS_H
#define TWOSTAGE_COMMITS_H

#include "recording.h"
#include "twostage_counters.h"

#define UNKNOWN		INT64_MIN
#define NR_INTERVALS	65	/* 0, and one for each bit */

/**
 * struct recorded_pass - a pass
 * @event: its end, or its beginning where that is all
 * @begin: when it began
 * @end: when it ended
 */
struct recorded_pass {
	const struct recorded *event;
	int64_t begin;
	int64_t end;
};

/**
 * struct recorded_cache - a cache that was started, as long as it was in flight
 * @started: the event
 * @ended: the wait for it or its discard, or NULL
 * @start_begin: when its start began
 * @start_end: when it was in flight
 * @completed: when the last of it was on the device
 * @wait_begin: when somebody began to wait for it
 * @wait_end: when that ended
 */
struct recorded_cache {
	const struct recorded *started;
	const struct recorded *ended;
	int64_t start_begin;
	int64_t start_end;
	int64_t completed;
	int64_t wait_begin;
	int64_t wait_end;
};

/**
 * struct recorded_commit - a transaction
 * @critical: the event at the end of its critical section, or NULL
 * @end: that at its end, or NULL
 * @pass: one of its passes, for the policy, or NULL
 */
struct recorded_commit {
	unsigned int filesystem;
	int64_t transid;
	const struct recorded *critical;
	const struct recorded *end;
	const struct recorded *pass;
	uint64_t num_started;
	uint64_t num_waited;
	uint64_t num_redirtied;
	uint64_t num_skipped;
	uint64_t num_discarded;
	uint64_t peak_in_flight;
	uint64_t bytes;
	struct recorded_pass *passes;
	size_t nr_passes;
	struct recorded_cache *caches;
	size_t nr_caches;
	size_t first_open;
};

/**
 * struct commits - all of a recording
 * @histograms: by the position of the highest bit from 1, the first for 0
 */
struct commits {
	const struct recording *recording;
	struct recorded_commit *list;
	size_t count;
	uint64_t histograms[TWOSTAGE_NR_HISTOGRAMS][NR_INTERVALS];
};

int commits_gather(const struct recording *recording, struct commits *commits);
void commits_free(struct commits *commits);
int64_t commits_moment(const struct commits *commits, uint64_t time,
		       int64_t before);

#endif
