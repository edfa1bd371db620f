// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a sample of the module's counters before and after a sync, and says
 * what is wrong with one; see workload-sample.h.
 */
#include "twostage_counters.h"
#include "workload-sample.h"

/* Does the module still have each of them? */
enum {
#define WORKLOAD_KNOWN(name) WORKLOAD_KNOWN_##name = TWOSTAGE_TOTAL_##name,
	WORKLOAD_COUNTERS(WORKLOAD_KNOWN)
#undef WORKLOAD_KNOWN
};

/**
 * workload_counters_difference - what was counted in between
 * @before: the counters then
 * @after: the counters now
 * @difference: the result
 *
 * Return: NULL, or the name of a counter that went backwards.
 */
const char *workload_counters_difference(const struct workload_counters *before,
					 const struct workload_counters *after,
					 struct workload_counters *difference)
{
	const char *backwards = NULL;

#define WORKLOAD_SUBTRACT(name)						\
	do {								\
		difference->name = after->name - before->name;		\
		if (after->name < before->name)				\
			backwards = #name;				\
	} while (0);
	WORKLOAD_COUNTERS(WORKLOAD_SUBTRACT)
#undef WORKLOAD_SUBTRACT
	return backwards;
}

/* Return: NULL, or what is wrong with the sample and what to look at. */
const char *workload_sample_fault(const struct workload_sample *sample)
{
	const struct workload_counters *counted = &sample->counted;

	if (counted->num_started < sample->dirtied)
		return "the module wrote fewer caches: is it ours, with the v1 cache active?";
	if (counted->num_started != counted->num_waited + counted->num_discarded)
		return "caches were started and lost: a bug in the module, please report it";
	return NULL;
}

static void write_counted(struct workload_json *json,
			  const struct workload_sample *sample)
{
	const struct workload_counters *counted = &sample->counted;
	uint64_t passes_ns = counted->early_ns + counted->commit_ns;

	workload_json_string(json, "policy", sample->policy);
	workload_json_number(json, "window", sample->window);
	workload_json_number(json, "transid", sample->transid);
	workload_json_number(json, "commits", counted->commits);
	if (sample->dirtied)
		workload_json_number(json, "dirtied", sample->dirtied);
	workload_json_number(json, "num_started", counted->num_started);
	workload_json_number(json, "num_waited", counted->num_waited);
	workload_json_number(json, "num_discarded", counted->num_discarded);
	workload_json_number(json, "bytes", counted->bytes_started);
	workload_json_number(json, "peak_in_flight", sample->peak_in_flight);
	workload_json_number(json, "early_ns", counted->early_ns);
	workload_json_number(json, "setup_ns", counted->setup_ns);
	workload_json_number(json, "commit_ns", counted->commit_ns);
	workload_json_number(json, "passes_ns", passes_ns);
	workload_json_number(json, "writeout_ns",
			     counted->setup_ns + passes_ns);
	workload_json_number(json, "critical_ns", counted->critical_ns);
	workload_json_number(json, "wait_ns", counted->wait_ns);
}

/* Writes the sample as one object; the line is the caller's to end. */
void workload_sample_write(struct workload_json *json,
			   const struct workload_sample *sample)
{
	workload_json_open(json, NULL, '{');
	if (sample->policy[0])
		write_counted(json, sample);
	workload_json_number(json, "sync_ns", sample->sync_ns);
	workload_json_close(json, '}');
}
