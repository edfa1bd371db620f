// SPDX-License-Identifier: GPL-2.0
/*
 * Collects latencies and finds percentiles; see workload-latency.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "workload-latency.h"
#include "workload-plan.h"

/* Return: 0, -ENOMEM, or -EOVERFLOW if there are too many already. */
int workload_latencies_add(struct workload_latencies *latencies, uint64_t ns)
{
	int ret;

	if (latencies->count >= WORKLOAD_LATENCIES_MAX)
		return -EOVERFLOW;
	ret = workload_make_room(&latencies->ns, latencies->count,
				 &latencies->space, sizeof(*latencies->ns));
	if (ret)
		return ret;
	latencies->ns[latencies->count++] = ns;
	return 0;
}

static int compare_numbers(const void *first, const void *second)
{
	const uint64_t *a = first, *b = second;

	return (*a > *b) - (*a < *b);
}

/**
 * workload_latencies_percentile - a percentile by the nearest rank
 * @latencies: the latencies, in any order
 * @percent: 1 to 100; 100 gives the longest
 * @ns: the least latency that so many in a hundred do not exceed, 0 of none
 *
 * Return: 0 or -ENOMEM.
 */
int workload_latencies_percentile(const struct workload_latencies *latencies,
				  unsigned int percent, uint64_t *ns)
{
	size_t count = latencies->count;
	uint64_t *sorted;

	*ns = 0;
	if (!count)
		return 0;
	sorted = calloc(count, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, latencies->ns, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_numbers);
	*ns = sorted[(count * percent + 99) / 100 - 1];
	free(sorted);
	return 0;
}

void workload_latencies_free(struct workload_latencies *latencies)
{
	free(latencies->ns);
	memset(latencies, 0, sizeof(*latencies));
}
