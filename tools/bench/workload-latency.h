/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Latencies in the order in which they were measured.
 *
 * Nothing here looks at a clock.
 */
#ifndef WORKLOAD_LATENCY_H
#define WORKLOAD_LATENCY_H

#include <stddef.h>
#include <stdint.h>

/* Eight bytes each: no run grows over 32 MiB. */
#define WORKLOAD_LATENCIES_MAX	(4ULL << 20)

struct workload_latencies {
	uint64_t *ns;
	size_t count;
	size_t space;
};

int workload_latencies_add(struct workload_latencies *latencies, uint64_t ns);
int workload_latencies_percentile(const struct workload_latencies *latencies,
				  unsigned int percent, uint64_t *ns);
void workload_latencies_free(struct workload_latencies *latencies);

#endif /* WORKLOAD_LATENCY_H */
