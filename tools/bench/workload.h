/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The subcommands of the workload, each in a file of its own.
 *
 * Each takes what the command line gave, checked, and returns 0 or a negative
 * errno after it has said in one line what is wrong and what to do. One that
 * runs a command for the user returns the status of that, if it failed.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "workload-btrfs.h"
#include "workload-plan.h"

struct workload_options {
	const char *path;
	uint64_t block_groups;
	uint64_t files_per_block_group;
	uint64_t fragments;	/* in each block group; 0: as they are */
	uint64_t samples;
	const char *sysfs;
	char **arguments;	/* COMMAND and what it is given, NULL behind */
};

/* What was truncated. */
struct workload_dirtied {
	struct workload_plan plan;	/* as it was before */
	struct workload_selection selection;
	uint64_t bytes_freed;
	uint64_t files_left;
};

int workload_dirty(const struct workload_filesystem *filesystem,
		   size_t count,
		   struct workload_dirtied *dirtied);
void workload_dirtied_free(struct workload_dirtied *dirtied);

int workload_make_fragments(const struct workload_filesystem *filesystem,
			    const struct workload_options *options,
			    struct workload_plan *plan);

int workload_run_fill(const struct workload_options *options);
int workload_run_dirty(const struct workload_options *options);
int workload_run_measure(const struct workload_options *options);
int workload_run_sync(const struct workload_options *options);
int workload_run_bystander(const struct workload_options *options);
int workload_run_block_groups(const struct workload_options *options);

#endif /* WORKLOAD_H */
