/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module's counters say about one measured sync.
 *
 * Nothing here reads a file. The names are those of the module's one table
 * (include/twostage_counters.h); a name that it loses does not compile here.
 */
#ifndef WORKLOAD_SAMPLE_H
#define WORKLOAD_SAMPLE_H

#include <stdint.h>

#include "workload-json.h"

#define WORKLOAD_COUNTERS(COUNTER)	\
	COUNTER(num_started)		\
	COUNTER(num_waited)		\
	COUNTER(num_discarded)		\
	COUNTER(setup_ns)		\
	COUNTER(early_ns)		\
	COUNTER(commit_ns)		\
	COUNTER(critical_ns)		\
	COUNTER(wait_ns)		\
	COUNTER(bytes_started)		\
	COUNTER(commits)

struct workload_counters {
#define WORKLOAD_FIELD(name) uint64_t name;
	WORKLOAD_COUNTERS(WORKLOAD_FIELD)
#undef WORKLOAD_FIELD
};

struct workload_sample {
	struct workload_counters counted;	/* differences */
	uint64_t transid;
	uint64_t peak_in_flight;
	uint64_t sync_ns;
	uint64_t dirtied;	/* 0: whatever was dirty */
	uint64_t window;
	char policy[64];	/* empty: the counters are unknown */
};

const char *workload_counters_difference(const struct workload_counters *before,
					 const struct workload_counters *after,
					 struct workload_counters *difference);
const char *workload_sample_fault(const struct workload_sample *sample);
void workload_sample_write(struct workload_json *json,
			   const struct workload_sample *sample);

#endif /* WORKLOAD_SAMPLE_H */
