// SPDX-License-Identifier: GPL-2.0
/*
 * `workload measure`: dirties block groups and measures the sync; and
 * `workload sync`, which measures a sync of whatever is dirty.
 *
 * Each sample of `measure` begins with a sync, so that its transaction holds
 * nothing but our truncated files. If that transaction commits by itself before
 * we sync, the sample would lack what that commit wrote, and is refused. Only
 * syncfs() is between the two looks at the clock.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define WRITEOUT	"writeout/"
/* A whole number of timer ticks, whatever HZ is. */
#define TICKS_NS	100000000

/* A counter that the module loses does not compile here. */
#define COUNTER(name, key)	{ TWOSTAGE_TOTAL_##name, WRITEOUT #name, key }

static const struct {
	enum twostage_total id;
	const char *file;
	const char *key;	/* in the sample */
} counters[] = {
	COUNTER(num_started, "num_started"),
	COUNTER(num_waited, "num_waited"),
	COUNTER(num_discarded, "num_discarded"),
	COUNTER(setup_ns, "setup_ns"),
	COUNTER(early_ns, "early_ns"),
	COUNTER(commit_ns, "commit_ns"),
	COUNTER(critical_ns, "critical_ns"),
	COUNTER(wait_ns, "wait_ns"),
	COUNTER(bytes_started, "bytes"),
	COUNTER(commits, "commits"),
};

#define NUM_COUNTERS	(sizeof(counters) / sizeof(*counters))

/*
 * Notes how far the counters have got, from what they were before to @after.
 *
 * Return: NULL, or the name of a counter that went backwards.
 */
const char *workload_sample_count(struct workload_sample *sample,
				  const uint64_t after[TWOSTAGE_NR_TOTALS])
{
	const char *backwards = NULL;
	size_t i;

	for (i = 0; i < NUM_COUNTERS; i++) {
		enum twostage_total id = counters[i].id;

		sample->counted[id] = after[id] - sample->before[id];
		if (after[id] < sample->before[id])
			backwards = counters[i].file;
	}
	return backwards;
}

/* Return: NULL, or what is wrong with the sample. */
const char *workload_sample_fault(const struct workload_sample *sample)
{
	uint64_t started = sample->counted[TWOSTAGE_TOTAL_num_started];
	uint64_t ended = sample->counted[TWOSTAGE_TOTAL_num_waited] +
			 sample->counted[TWOSTAGE_TOTAL_num_discarded];

	if (started < sample->dirtied)
		return "the module wrote fewer caches: is it ours, with the v1 cache active?";
	if (started < ended)
		return "another commit was under way when it began: run nothing else there";
	if (started > ended)
		return "caches were started and lost: a bug in the module, please report it";
	return NULL;
}

static void add_counted(struct json_object *object,
			const struct workload_sample *sample)
{
	const uint64_t *counted = sample->counted;
	uint64_t setup_ns = counted[TWOSTAGE_TOTAL_setup_ns];
	uint64_t passes_ns = counted[TWOSTAGE_TOTAL_early_ns] +
			     counted[TWOSTAGE_TOTAL_commit_ns];
	size_t i;

	workload_json_add(object, "policy", json_object_new_string(sample->policy));
	workload_json_add_number(object, "window", sample->window);
	workload_json_add_number(object, "transid", sample->transid);
	if (sample->dirtied)
		workload_json_add_number(object, "dirtied", sample->dirtied);
	for (i = 0; i < NUM_COUNTERS; i++)
		workload_json_add_number(object, counters[i].key,
					 counted[counters[i].id]);
	workload_json_add_number(object, "peak_in_flight", sample->peak_in_flight);
	workload_json_add_number(object, "passes_ns", passes_ns);
	workload_json_add_number(object, "writeout_ns", setup_ns + passes_ns);
}

struct json_object *workload_sample_json(const struct workload_sample *sample)
{
	struct json_object *object = json_object_new_object();

	if (sample->policy[0])
		add_counted(object, sample);
	workload_json_add_number(object, "sync_ns", sample->sync_ns);
	return object;
}

static int read_text(const struct workload_filesystem *filesystem, const char *name,
		     char *text, size_t space)
{
	ssize_t length;
	int ret = 0;
	int fd;

	fd = openat(filesystem->sysfs, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return workload_sysfs_complain(filesystem, name, -errno);
	length = read(fd, text, space - 1);
	if (length < 0) {
		ret = workload_sysfs_complain(filesystem, name, -errno);
	} else {
		text[length] = 0;
		text[strcspn(text, "\n")] = 0;
	}
	close(fd);
	return ret;
}

static int read_number(const struct workload_filesystem *filesystem, const char *name,
		       uint64_t *number)
{
	char text[32];
	char *end;
	int ret;

	ret = read_text(filesystem, name, text, sizeof(text));
	if (ret)
		return ret;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-')
		return workload_sysfs_complain(filesystem, name, -EINVAL);
	return 0;
}

static int read_counters(const struct workload_filesystem *filesystem,
			 uint64_t totals[TWOSTAGE_NR_TOTALS])
{
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < NUM_COUNTERS; i++)
		ret = read_number(filesystem, counters[i].file,
				  &totals[counters[i].id]);
	return ret;
}

static int reset_peak(const struct workload_filesystem *filesystem)
{
	static const char name[] = WRITEOUT "peak_in_flight";
	int ret = 0;
	int fd;

	fd = openat(filesystem->sysfs, name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return workload_sysfs_complain(filesystem, name, -errno);
	if (write(fd, "0\n", 2) < 0)
		ret = workload_sysfs_complain(filesystem, name, -errno);
	close(fd);
	return ret;
}

static int read_state(const struct workload_filesystem *filesystem,
		      struct workload_sample *sample)
{
	int ret;

	ret = read_number(filesystem, WRITEOUT "peak_in_flight",
			  &sample->peak_in_flight);
	if (!ret)
		ret = read_number(filesystem, "generation", &sample->transid);
	if (!ret)
		ret = read_number(filesystem, WRITEOUT "window", &sample->window);
	if (!ret)
		ret = read_text(filesystem, WRITEOUT "policy", sample->policy,
				sizeof(sample->policy));
	return ret;
}

/*
 * In virtual time two runs differ by the timer ticks that happen to fall into
 * them, unless both begin at the same distance from one.
 */
static void wait_for_tick(void)
{
	uint64_t begin = workload_nanoseconds();
	struct timespec time;

	begin += TICKS_NS - begin % TICKS_NS;
	time.tv_sec = begin / 1000000000;
	time.tv_nsec = begin % 1000000000;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) ==
	       EINTR)
		;
}

static int time_sync(const struct workload_filesystem *filesystem, uint64_t *elapsed)
{
	uint64_t begin;
	int ret;

	wait_for_tick();
	begin = workload_nanoseconds();
	ret = workload_filesystem_sync(filesystem);
	*elapsed = workload_nanoseconds() - begin;
	return ret;
}

/* Times a sync, with what the module counts meanwhile. */
static int count_sync(const struct workload_filesystem *filesystem, uint64_t settled,
		      struct workload_sample *sample)
{
	uint64_t after[TWOSTAGE_NR_TOTALS];
	const char *backwards;
	int ret;

	ret = reset_peak(filesystem);
	if (!ret)
		ret = read_counters(filesystem, sample->before);
	if (ret)
		return ret;
	if (sample->dirtied && sample->before[TWOSTAGE_TOTAL_commits] != settled)
		return workload_complain(-EBUSY,
					 "%s: the filesystem committed by itself while block groups were dirtied: mount it with commit=300, and let nothing else use it",
					 filesystem->path);
	ret = time_sync(filesystem, &sample->sync_ns);
	if (!ret)
		ret = read_counters(filesystem, after);
	if (ret)
		return ret;
	backwards = workload_sample_count(sample, after);
	if (backwards)
		return workload_complain(-ERANGE,
					 "%s/%s: went backwards: was the filesystem mounted anew meanwhile?",
					 filesystem->sysfs_path, backwards);
	return read_state(filesystem, sample);
}

/* Leaves nothing but truncated files to the next commit; @settled counts those before. */
static int dirty(const struct workload_filesystem *filesystem, uint64_t block_groups,
		 uint64_t *settled)
{
	int ret = workload_filesystem_sync(filesystem);

	if (!ret)
		ret = read_number(filesystem, WRITEOUT "commits", settled);
	if (!ret)
		ret = workload_dirty(filesystem, block_groups, false);
	return ret;
}

static int take_sample(const struct workload_filesystem *filesystem,
		       uint64_t block_groups, uint64_t number)
{
	struct workload_sample sample = { .dirtied = block_groups };
	uint64_t settled = 0;
	const char *fault;
	int ret = 0;

	if (block_groups)
		ret = dirty(filesystem, block_groups, &settled);
	if (ret)
		return ret;
	if (filesystem->sysfs < 0)
		ret = time_sync(filesystem, &sample.sync_ns);
	else
		ret = count_sync(filesystem, settled, &sample);
	if (ret)
		return ret;
	fault = workload_sample_fault(&sample);
	if (!fault)
		return workload_json_print(workload_sample_json(&sample));
	return workload_complain(-EPROTO,
				 "sample %" PRIu64 ": %" PRIu64 " dirtied, %" PRIu64
				 " started, %" PRIu64 " waited, %" PRIu64 " discarded: %s",
				 number, sample.dirtied,
				 sample.counted[TWOSTAGE_TOTAL_num_started],
				 sample.counted[TWOSTAGE_TOTAL_num_waited],
				 sample.counted[TWOSTAGE_TOTAL_num_discarded], fault);
}

/* `sync` has neither block groups to dirty nor a number of samples. */
int workload_run_measure(struct workload_filesystem *filesystem,
			 const struct workload_options *options)
{
	uint64_t samples = options->samples ? options->samples : 1;
	struct workload_sample sample;
	uint64_t number;
	int ret = 0;

	/* Nothing is measured that cannot be read afterwards. */
	if (options->sysfs)
		ret = read_counters(filesystem, sample.before);
	if (!ret && options->sysfs)
		ret = read_state(filesystem, &sample);
	for (number = 1; !ret && number <= samples; number++)
		ret = take_sample(filesystem, options->block_groups, number);
	return ret;
}
