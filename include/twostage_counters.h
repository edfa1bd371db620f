/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one table of counters.
 *
 * Each line gives a counter its name in sysfs, in the trace events and in the
 * tools, and says what it counts. All of them start at zero with the mount,
 * only grow, and are exact under every policy: they are counted where a cache
 * is started, waited for or discarded, not where a policy decides about it.
 * Times are in nanoseconds of the kernel's monotonic clock.
 */
#ifndef TWOSTAGE_COUNTERS_H
#define TWOSTAGE_COUNTERS_H

#define TWOSTAGE_COUNTERS(COUNTER)					\
	COUNTER(num_started,						\
		"caches whose writeout was started")			\
	COUNTER(num_waited,						\
		"caches in flight that were waited for, by anyone")	\
	COUNTER(num_discarded,						\
		"caches in flight that an aborted transaction dropped")	\
	COUNTER(num_skipped,						\
		"block groups whose cache was set up and not started")	\
	COUNTER(num_failed,						\
		"waits that ended with an error")			\
	COUNTER(num_redirtied,						\
		"waits because the block group was dirtied again under IO") \
	COUNTER(commits,						\
		"transactions whose critical section ended")		\
	COUNTER(setup_ns,						\
		"time in setup passes")					\
	COUNTER(early_ns,						\
		"time in early passes")					\
	COUNTER(commit_ns,						\
		"time in commit passes")				\
	COUNTER(critical_ns,						\
		"time in critical sections, setup and commit passes included") \
	COUNTER(start_ns,						\
		"time spent starting caches")				\
	COUNTER(wait_ns,						\
		"time spent waiting for caches")

/* clang-format off */
enum twostage_counter {
#define TWOSTAGE_COUNTER_ID(name, what) TWOSTAGE_COUNTER_##name,
	TWOSTAGE_COUNTERS(TWOSTAGE_COUNTER_ID)
#undef TWOSTAGE_COUNTER_ID
	TWOSTAGE_NR_COUNTERS
};
/* clang-format on */

#endif /* TWOSTAGE_COUNTERS_H */
