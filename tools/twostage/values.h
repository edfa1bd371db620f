/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module says of a mounted filesystem, by the tables that it counts by
 * itself (include/twostage_counters.h).
 */
#ifndef TWOSTAGE_VALUES_H
#define TWOSTAGE_VALUES_H

#include <stdint.h>

#include "mounts.h"
#include "twostage_counters.h"

/* More than a histogram has: a value for each bit, and 0. */
#define MOST_BUCKETS	65

struct bucket {
	uint64_t least;
	uint64_t count;
};

struct histogram {
	uint64_t sum;
	unsigned int count;
	struct bucket buckets[MOST_BUCKETS];
};

struct values {
	char policy[16];
	uint64_t window;
	uint64_t fit;
	uint64_t in_flight;
	uint64_t peak_in_flight;
	uint64_t totals[TWOSTAGE_NR_TOTALS];
	uint64_t last_ns[TWOSTAGE_NR_PHASES];
	uint64_t max_ns[TWOSTAGE_NR_PHASES];
	struct histogram histograms[TWOSTAGE_NR_HISTOGRAMS];
};

extern const char *const total_names[TWOSTAGE_NR_TOTALS];
extern const char *const total_metrics[TWOSTAGE_NR_TOTALS];
extern const char *const total_descriptions[TWOSTAGE_NR_TOTALS];
extern const char *const phase_names[TWOSTAGE_NR_PHASES];
extern const char *const histogram_names[TWOSTAGE_NR_HISTOGRAMS];
extern const char *const histogram_descriptions[TWOSTAGE_NR_HISTOGRAMS];

int values_read(struct system *system, const struct mounted *mounted,
		struct values *values);

#endif
