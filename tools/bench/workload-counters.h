/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Measures one sync, with what the module counted meanwhile.
 *
 * Whoever meets an error first says it; callers pass on the negative errno.
 */
#ifndef WORKLOAD_COUNTERS_H
#define WORKLOAD_COUNTERS_H

#include "workload-btrfs.h"
#include "workload-sample.h"

/* The module's directory in sysfs for one filesystem. */
struct workload_sysfs {
	const char *path;	/* as the user gave it */
	int folder;		/* open, or -1: without the module */
};

int workload_sysfs_open(struct workload_sysfs *sysfs, const char *path);
void workload_sysfs_close(struct workload_sysfs *sysfs);
int workload_sysfs_look(const struct workload_sysfs *sysfs);
int workload_sysfs_commits(const struct workload_sysfs *sysfs,
			   uint64_t *commits);

int workload_measure_sync(const struct workload_filesystem *filesystem,
			  const struct workload_sysfs *sysfs,
			  const uint64_t *settled,
			  struct workload_sample *sample);
uint64_t workload_nanoseconds(void);
int workload_sample_print(const struct workload_sample *sample);

#endif /* WORKLOAD_COUNTERS_H */
