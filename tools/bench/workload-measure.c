// SPDX-License-Identifier: GPL-2.0
/*
 * `workload measure`: dirties block groups and measures the sync.
 *
 * Each sample begins with a sync, so that its transaction holds nothing but
 * our truncated files; if that transaction commits by itself before we sync,
 * the sample would lack what that commit wrote, and is refused. Only syncfs()
 * lies between the two looks at the clock.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "workload-sample.h"
#include "workload.h"

#define WRITEOUT	"writeout/"

struct measuring {
	const struct workload_options *options;
	struct workload_filesystem filesystem;
	int sysfs;
};

static int complain_sysfs(const struct measuring *measuring, const char *name,
			  int ret)
{
	const char *advice = "is this the directory of a mounted btrfs_twostage?";

	if (ret == -EACCES || ret == -EPERM)
		advice = "run as root";
	workload_complain("%s/%s: %s: %s", measuring->options->sysfs, name,
			  strerror(-ret), advice);
	return ret;
}

static int read_text(const struct measuring *measuring, const char *name,
		     char *text, size_t space)
{
	ssize_t length;
	int ret = 0;
	int fd;

	fd = openat(measuring->sysfs, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return complain_sysfs(measuring, name, -errno);
	length = read(fd, text, space - 1);
	if (length < 0)
		ret = complain_sysfs(measuring, name, -errno);
	else
		text[length] = 0;
	close(fd);
	if (!ret)
		text[strcspn(text, "\n")] = 0;
	return ret;
}

static int read_number(const struct measuring *measuring, const char *name,
		       uint64_t *number)
{
	char text[32];
	char *end;
	int ret;

	ret = read_text(measuring, name, text, sizeof(text));
	if (ret)
		return ret;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-')
		return complain_sysfs(measuring, name, -EINVAL);
	return 0;
}

static int read_counters(const struct measuring *measuring,
			 struct workload_counters *counters)
{
	int ret = 0;

#define READ_COUNTER(name)						\
	do {								\
		if (!ret)						\
			ret = read_number(measuring, WRITEOUT #name,	\
					  &counters->name);		\
	} while (0);
	WORKLOAD_COUNTERS(READ_COUNTER)
#undef READ_COUNTER
	return ret;
}

static int reset_peak(const struct measuring *measuring)
{
	static const char name[] = WRITEOUT "peak_in_flight";
	int ret = 0;
	int fd;

	fd = openat(measuring->sysfs, name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return complain_sysfs(measuring, name, -errno);
	if (write(fd, "0\n", 2) < 0)
		ret = complain_sysfs(measuring, name, -errno);
	close(fd);
	return ret;
}

static uint64_t nanoseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static int time_sync(const struct measuring *measuring, uint64_t *elapsed)
{
	uint64_t begin = nanoseconds();
	int ret = workload_filesystem_sync(&measuring->filesystem);

	*elapsed = nanoseconds() - begin;
	return ret;
}

static int settle(const struct measuring *measuring, uint64_t *commits)
{
	int ret;

	ret = workload_filesystem_sync(&measuring->filesystem);
	if (ret)
		return ret;
	return read_number(measuring, WRITEOUT "commits", commits);
}

static int dirty(const struct measuring *measuring, uint64_t index,
		 struct workload_sample *sample)
{
	struct workload_wish wish = workload_wish_of(measuring->options);
	struct workload_dirtied dirtied;
	int ret;

	wish.seed += index;
	ret = workload_dirty(&measuring->filesystem, &wish, &dirtied);
	sample->dirtied = dirtied.selection.count;
	workload_dirtied_free(&dirtied);
	return ret;
}

static int complain_early_commit(const struct measuring *measuring)
{
	workload_complain("%s: the filesystem committed by itself while block groups were dirtied: mount it with commit=300, and let nothing else use it",
			  measuring->options->path);
	return -EBUSY;
}

/* From the first look at the counters to the second. */
static int measure_sync(const struct measuring *measuring, uint64_t settled,
			struct workload_sample *sample)
{
	struct workload_counters before, after;
	const char *backwards;
	int ret;

	ret = reset_peak(measuring);
	if (ret)
		return ret;
	ret = read_counters(measuring, &before);
	if (ret)
		return ret;
	if (before.commits != settled)
		return complain_early_commit(measuring);
	ret = time_sync(measuring, &sample->sync_ns);
	if (ret)
		return ret;
	ret = read_counters(measuring, &after);
	if (ret)
		return ret;
	backwards = workload_counters_difference(&before, &after,
						 &sample->counted);
	if (!backwards)
		return 0;
	workload_complain("%s/" WRITEOUT "%s: went backwards: was the filesystem mounted anew meanwhile?",
			  measuring->options->sysfs, backwards);
	return -ERANGE;
}

static int read_state(const struct measuring *measuring,
		      struct workload_sample *sample)
{
	int ret;

	ret = read_number(measuring, WRITEOUT "peak_in_flight",
			  &sample->peak_in_flight);
	if (ret)
		return ret;
	ret = read_number(measuring, "generation", &sample->transid);
	if (ret)
		return ret;
	ret = read_number(measuring, WRITEOUT "window", &sample->window);
	if (ret)
		return ret;
	return read_text(measuring, WRITEOUT "policy", sample->policy,
			 sizeof(sample->policy));
}

static int print(const struct workload_sample *sample)
{
	struct workload_json json = { .out = stdout };
	int ret;

	workload_sample_write(&json, sample);
	ret = workload_json_end(&json);
	if (ret)
		workload_complain("standard output: cannot write to it");
	return ret;
}

static int take_sample(const struct measuring *measuring, uint64_t index)
{
	struct workload_sample sample = { 0 };
	const char *fault;
	uint64_t settled;
	int ret;

	ret = settle(measuring, &settled);
	if (ret)
		return ret;
	ret = dirty(measuring, index, &sample);
	if (ret)
		return ret;
	ret = measure_sync(measuring, settled, &sample);
	if (ret)
		return ret;
	ret = read_state(measuring, &sample);
	if (ret)
		return ret;
	fault = workload_sample_fault(&sample);
	if (fault) {
		workload_complain("sample %" PRIu64 ": %" PRIu64 " dirtied, %" PRIu64
				  " started, %" PRIu64 " waited, %" PRIu64
				  " discarded: %s",
				  index + 1, sample.dirtied,
				  sample.counted.num_started,
				  sample.counted.num_waited,
				  sample.counted.num_discarded, fault);
		return -EPROTO;
	}
	return print(&sample);
}

/* All that is read later is read once, so that nothing is dirtied in vain. */
static int look(const struct measuring *measuring)
{
	struct workload_counters counters;
	struct workload_sample sample;
	int ret;

	ret = read_counters(measuring, &counters);
	if (ret)
		return ret;
	return read_state(measuring, &sample);
}

/* Take samples, and print each. */
int workload_run_measure(const struct workload_options *options)
{
	struct measuring measuring = { .options = options };
	uint64_t i;
	int ret;

	measuring.sysfs = open(options->sysfs,
			       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (measuring.sysfs < 0)
		return complain_sysfs(&measuring, "writeout", -errno);
	ret = workload_filesystem_open(&measuring.filesystem, options->path);
	if (ret)
		goto out;
	ret = look(&measuring);
	for (i = 0; !ret && i < options->samples; i++)
		ret = take_sample(&measuring, i);
	workload_filesystem_close(&measuring.filesystem);
out:
	close(measuring.sysfs);
	return ret;
}
