// SPDX-License-Identifier: GPL-2.0
/*
 * `workload measure`: dirties block groups and measures the sync; and
 * `workload sync`, which measures a sync of whatever is dirty.
 *
 * Each sample of `measure` begins with a sync, so that its transaction holds
 * nothing but our truncated files; if that transaction commits by itself
 * before we sync, the sample would lack what that commit wrote, and is
 * refused. Only syncfs() lies between the two looks at the clock.
 */
#include <errno.h>
#include <inttypes.h>

#include "workload-counters.h"
#include "workload.h"

struct measuring {
	const struct workload_options *options;
	struct workload_filesystem filesystem;
	struct workload_sysfs sysfs;
};

static int settle(const struct measuring *measuring, uint64_t *commits)
{
	int ret;

	ret = workload_filesystem_sync(&measuring->filesystem);
	if (ret)
		return ret;
	return workload_sysfs_commits(&measuring->sysfs, commits);
}

static int dirty(const struct measuring *measuring,
		 struct workload_sample *sample)
{
	struct workload_dirtied dirtied;
	int ret;

	ret = workload_dirty(&measuring->filesystem,
			     measuring->options->block_groups, &dirtied);
	sample->dirtied = dirtied.selection.count;
	workload_dirtied_free(&dirtied);
	return ret;
}

static int complain_sample(const struct workload_sample *sample,
			   uint64_t number, const char *fault)
{
	workload_complain("sample %" PRIu64 ": %" PRIu64 " dirtied, %" PRIu64
			  " started, %" PRIu64 " waited, %" PRIu64
			  " discarded: %s",
			  number, sample->dirtied, sample->counted.num_started,
			  sample->counted.num_waited,
			  sample->counted.num_discarded, fault);
	return -EPROTO;
}

static int finish(const struct workload_sample *sample, uint64_t number)
{
	const char *fault = workload_sample_fault(sample);

	if (fault)
		return complain_sample(sample, number, fault);
	return workload_sample_print(sample);
}

static int take_sample(const struct measuring *measuring, uint64_t index)
{
	struct workload_sample sample = { 0 };
	uint64_t settled;
	int ret;

	ret = settle(measuring, &settled);
	if (ret)
		return ret;
	ret = dirty(measuring, &sample);
	if (ret)
		return ret;
	ret = workload_measure_sync(&measuring->filesystem, &measuring->sysfs,
				    &settled, &sample);
	if (ret)
		return ret;
	return finish(&sample, index + 1);
}

static int take_samples(const struct measuring *measuring)
{
	uint64_t i;
	int ret = 0;

	for (i = 0; !ret && i < measuring->options->samples; i++)
		ret = take_sample(measuring, i);
	return ret;
}

static int take_sync(const struct measuring *measuring)
{
	struct workload_sample sample = { 0 };
	int ret;

	ret = workload_measure_sync(&measuring->filesystem, &measuring->sysfs,
				    NULL, &sample);
	if (ret)
		return ret;
	return finish(&sample, 1);
}

static int run(const struct workload_options *options,
	       int (*take)(const struct measuring *measuring))
{
	struct measuring measuring = { .options = options };
	int ret;

	ret = workload_sysfs_open(&measuring.sysfs, options->sysfs);
	if (ret)
		return ret;
	ret = workload_filesystem_open(&measuring.filesystem, options->path);
	if (ret)
		goto out;
	ret = workload_sysfs_look(&measuring.sysfs);
	if (!ret)
		ret = take(&measuring);
	workload_filesystem_close(&measuring.filesystem);
out:
	workload_sysfs_close(&measuring.sysfs);
	return ret;
}

/* Take samples, and print each. */
int workload_run_measure(const struct workload_options *options)
{
	return run(options, take_samples);
}

/* Sync once, without having dirtied anything, and print what it took. */
int workload_run_sync(const struct workload_options *options)
{
	return run(options, take_sync);
}
