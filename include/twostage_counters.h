/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of counters, phases and histograms.
 *
 * Each line has the name in sysfs and in the tools, the name of the metric in
 * `twostage export`, and a description, which also goes into the documentation of
 * sysfs. Everything starts at zero with the mount, and is exact under every policy:
 * it is counted where a cache is set up, started, waited for or discarded, not
 * where a policy decides to. Times are nanoseconds of the monotonic clock.
 */
#ifndef TWOSTAGE_COUNTERS_H
#define TWOSTAGE_COUNTERS_H

/* Counters only grow: a file NAME per mount, and one for the module's total. */
#define TWOSTAGE_COUNTERS(COUNTER)					\
	COUNTER(num_started, caches_started_total,			\
		"caches started")					\
	COUNTER(num_waited, caches_waited_total,			\
		"caches in flight that were waited for, by any task")	\
	COUNTER(num_discarded, caches_discarded_total,			\
		"caches in flight that an aborted transaction discarded") \
	COUNTER(num_redirtied, caches_redirtied_total,			\
		"caches redirtied in flight, and written again")	\
	COUNTER(bytes_started, cache_started_bytes_total,		\
		"bytes of the caches started")				\
	COUNTER(num_not_set_up, caches_not_set_up_total,		\
		"cache files not set up: block groups too small or not cached, or no space") \
	COUNTER(num_skipped, caches_skipped_total,			\
		"caches set up but not started, for a reason below or because data was in flight") \
	COUNTER(num_skipped_no_space, caches_skipped_no_space_total,	\
		"caches skipped as larger than their file; with fit, they get a larger one")	\
	COUNTER(num_skipped_no_memory, caches_skipped_no_memory_total,	\
		"caches skipped for lack of memory")			\
	COUNTER(num_skipped_error, caches_skipped_error_total,		\
		"caches skipped because of another error")		\
	COUNTER(num_outgrown, caches_outgrown_total,			\
		"caches set up again, with a file of the stock size")	\
	COUNTER(num_put_off, caches_put_off_total,			\
		"caches not written because of settle, once for each commit")	\
	COUNTER(num_invalidated, caches_invalidated_total,		\
		"valid caches that were put off, and became invalid")	\
	COUNTER(num_settled, caches_settled_total,			\
		"caches of unsettled block groups that were written")	\
	COUNTER(num_failed, caches_failed_total,			\
		"waits that ended with an error")			\
	COUNTER(num_failed_io, caches_failed_io_total,			\
		"waits that ended because the device failed to write")	\
	COUNTER(num_read_ahead, blocks_read_ahead_total,		\
		"tree blocks read ahead")				\
	COUNTER(num_ahead_used, blocks_ahead_used_total,		\
		"tree blocks read ahead that btrfs looked for afterwards")	\
	COUNTER(num_ahead_in_memory, blocks_ahead_in_memory_total,	\
		"tree blocks not read ahead because they were in memory") \
	COUNTER(num_caches_read_ahead, caches_read_ahead_total,		\
		"caches read ahead")					\
	COUNTER(commits, commits_total,					\
		"transactions whose critical section ended")		\
	COUNTER(start_ns, start_seconds_total,				\
		"time spent starting caches")				\
	COUNTER(wait_ns, wait_seconds_total,				\
		"time spent waiting for caches")

/*
 * Phases of a commit: files NAME_ns (the total; also for the module), NAME_last_ns
 * and NAME_max_ns. The first three are the passes, in the order of enum
 * twostage_pass_kind.
 */
#define TWOSTAGE_PHASES(PHASE)						\
	PHASE(early, "early passes")					\
	PHASE(setup, "setup passes")					\
	PHASE(commit, "commit passes")					\
	PHASE(critical, "critical sections, setup and commit passes included") \
	PHASE(whole, "whole commits, from when the committing task asked until it may go on")

/*
 * Histograms by powers of two: a file NAME_histogram, with a line for each bucket
 * that is not empty, its lower bound and its count, and the sum of all values.
 */
#define TWOSTAGE_HISTOGRAMS(HISTOGRAM)					\
	HISTOGRAM(wait_ns, "how long each cache was waited for")	\
	HISTOGRAM(in_flight, "how many caches were in flight after each start") \
	HISTOGRAM(early_ns, "how long each early pass took")		\
	HISTOGRAM(commit_ns, "how long each commit pass took")

/* clang-format off */
enum twostage_counter {
#define TWOSTAGE_COUNTER_ID(name, metric, what) TWOSTAGE_COUNTER_##name,
	TWOSTAGE_COUNTERS(TWOSTAGE_COUNTER_ID)
#undef TWOSTAGE_COUNTER_ID
	TWOSTAGE_NR_COUNTERS
};

enum twostage_phase {
#define TWOSTAGE_PHASE_ID(name, what) TWOSTAGE_PHASE_##name,
	TWOSTAGE_PHASES(TWOSTAGE_PHASE_ID)
#undef TWOSTAGE_PHASE_ID
	TWOSTAGE_NR_PHASES
};

/* Everything that only grows, as in the module's totals. */
enum twostage_total {
#define TWOSTAGE_TOTAL_ID(name, metric, what) TWOSTAGE_TOTAL_##name,
	TWOSTAGE_COUNTERS(TWOSTAGE_TOTAL_ID)
#undef TWOSTAGE_TOTAL_ID
#define TWOSTAGE_TOTAL_ID(name, what) TWOSTAGE_TOTAL_##name##_ns,
	TWOSTAGE_PHASES(TWOSTAGE_TOTAL_ID)
#undef TWOSTAGE_TOTAL_ID
	TWOSTAGE_NR_TOTALS
};

enum twostage_histogram {
#define TWOSTAGE_HISTOGRAM_ID(name, what) TWOSTAGE_HISTOGRAM_##name,
	TWOSTAGE_HISTOGRAMS(TWOSTAGE_HISTOGRAM_ID)
#undef TWOSTAGE_HISTOGRAM_ID
	TWOSTAGE_NR_HISTOGRAMS
};
/* clang-format on */

#endif /* TWOSTAGE_COUNTERS_H */
