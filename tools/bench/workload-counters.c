// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the module's counters around a sync; see workload-counters.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "workload-counters.h"

#define WRITEOUT	"writeout/"
/* A whole number of timer ticks, whatever HZ is. */
#define TICKS_NS	100000000

static int complain_sysfs(const struct workload_sysfs *sysfs, const char *name,
			  int ret)
{
	const char *advice = "is this the directory of a mounted btrfs_twostage?";

	if (ret == -EACCES || ret == -EPERM)
		advice = "run as root";
	workload_complain("%s/%s: %s: %s", sysfs->path, name,
			  strerror(-ret), advice);
	return ret;
}

static int read_text(const struct workload_sysfs *sysfs, const char *name,
		     char *text, size_t space)
{
	ssize_t length;
	int ret = 0;
	int fd;

	fd = openat(sysfs->folder, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return complain_sysfs(sysfs, name, -errno);
	length = read(fd, text, space - 1);
	if (length < 0)
		ret = complain_sysfs(sysfs, name, -errno);
	else
		text[length] = 0;
	close(fd);
	if (!ret)
		text[strcspn(text, "\n")] = 0;
	return ret;
}

static int read_number(const struct workload_sysfs *sysfs, const char *name,
		       uint64_t *number)
{
	char text[32];
	char *end;
	int ret;

	ret = read_text(sysfs, name, text, sizeof(text));
	if (ret)
		return ret;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-')
		return complain_sysfs(sysfs, name, -EINVAL);
	return 0;
}

static int read_counters(const struct workload_sysfs *sysfs,
			 struct workload_counters *counters)
{
	int ret = 0;

#define READ_COUNTER(name)						\
	do {								\
		if (!ret)						\
			ret = read_number(sysfs, WRITEOUT #name,	\
					  &counters->name);		\
	} while (0);
	WORKLOAD_COUNTERS(READ_COUNTER)
#undef READ_COUNTER
	return ret;
}

static int reset_peak(const struct workload_sysfs *sysfs)
{
	static const char name[] = WRITEOUT "peak_in_flight";
	int ret = 0;
	int fd;

	fd = openat(sysfs->folder, name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return complain_sysfs(sysfs, name, -errno);
	if (write(fd, "0\n", 2) < 0)
		ret = complain_sysfs(sysfs, name, -errno);
	close(fd);
	return ret;
}

static int read_state(const struct workload_sysfs *sysfs,
		      struct workload_sample *sample)
{
	int ret;

	ret = read_number(sysfs, WRITEOUT "peak_in_flight",
			  &sample->peak_in_flight);
	if (ret)
		return ret;
	ret = read_number(sysfs, "generation", &sample->transid);
	if (ret)
		return ret;
	ret = read_number(sysfs, WRITEOUT "window", &sample->window);
	if (ret)
		return ret;
	return read_text(sysfs, WRITEOUT "policy", sample->policy,
			 sizeof(sample->policy));
}

/**
 * workload_sysfs_open - open the module's directory
 * @sysfs: to be filled in
 * @path: as the user gave it; NULL: measure without the module
 */
int workload_sysfs_open(struct workload_sysfs *sysfs, const char *path)
{
	*sysfs = (struct workload_sysfs){ .path = path, .folder = -1 };
	if (!path)
		return 0;
	sysfs->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sysfs->folder < 0)
		return complain_sysfs(sysfs, "writeout", -errno);
	return 0;
}

void workload_sysfs_close(struct workload_sysfs *sysfs)
{
	if (sysfs->folder >= 0)
		close(sysfs->folder);
	sysfs->folder = -1;
}

/* Reads once all that is read later, so that no sync is measured in vain. */
int workload_sysfs_look(const struct workload_sysfs *sysfs)
{
	struct workload_counters counters;
	struct workload_sample sample;
	int ret;

	if (sysfs->folder < 0)
		return 0;
	ret = read_counters(sysfs, &counters);
	if (ret)
		return ret;
	return read_state(sysfs, &sample);
}

int workload_sysfs_commits(const struct workload_sysfs *sysfs,
			   uint64_t *commits)
{
	return read_number(sysfs, WRITEOUT "commits", commits);
}

uint64_t workload_nanoseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
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

static int time_sync(const struct workload_filesystem *filesystem,
		     uint64_t *elapsed)
{
	uint64_t begin;
	int ret;

	wait_for_tick();
	begin = workload_nanoseconds();
	ret = workload_filesystem_sync(filesystem);
	*elapsed = workload_nanoseconds() - begin;
	return ret;
}

static int complain_early_commit(const struct workload_filesystem *filesystem)
{
	workload_complain("%s: the filesystem committed by itself while block groups were dirtied: mount it with commit=300, and let nothing else use it",
			  filesystem->path);
	return -EBUSY;
}

static int count_sync(const struct workload_filesystem *filesystem,
		      const struct workload_sysfs *sysfs,
		      const uint64_t *settled, struct workload_sample *sample)
{
	struct workload_counters before, after;
	const char *backwards;
	int ret;

	ret = reset_peak(sysfs);
	if (ret)
		return ret;
	ret = read_counters(sysfs, &before);
	if (ret)
		return ret;
	if (settled && before.commits != *settled)
		return complain_early_commit(filesystem);
	ret = time_sync(filesystem, &sample->sync_ns);
	if (ret)
		return ret;
	ret = read_counters(sysfs, &after);
	if (ret)
		return ret;
	backwards = workload_counters_difference(&before, &after,
						 &sample->counted);
	if (!backwards)
		return read_state(sysfs, sample);
	workload_complain("%s/" WRITEOUT "%s: went backwards: was the filesystem mounted anew meanwhile?",
			  sysfs->path, backwards);
	return -ERANGE;
}

/**
 * workload_measure_sync - sync, and fill in all of a sample but @dirtied
 * @filesystem: the filesystem
 * @sysfs: the module's directory; without one only the time is taken
 * @settled: NULL, or the number of commits that there must have been before
 * @sample: the result
 */
int workload_measure_sync(const struct workload_filesystem *filesystem,
			  const struct workload_sysfs *sysfs,
			  const uint64_t *settled,
			  struct workload_sample *sample)
{
	if (sysfs->folder < 0)
		return time_sync(filesystem, &sample->sync_ns);
	return count_sync(filesystem, sysfs, settled, sample);
}

/* Prints the sample as a line on standard output. */
int workload_sample_print(const struct workload_sample *sample)
{
	struct workload_json json = { .out = stdout };
	int ret;

	workload_sample_write(&json, sample);
	ret = workload_json_end(&json);
	if (ret)
		workload_complain("standard output: cannot write to it");
	return ret;
}
