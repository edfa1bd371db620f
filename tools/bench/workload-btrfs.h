/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the workload asks of a mounted btrfs.
 *
 * - Block groups and files are read from the trees, many items in one call:
 *   there is no index of our own that could be wrong or half made.
 * - What is about to be truncated is looked up once more with FIEMAP.
 * - Whoever meets an error first says it, in one line that says what to do;
 *   callers pass on the negative errno and say nothing.
 */
#ifndef WORKLOAD_BTRFS_H
#define WORKLOAD_BTRFS_H

#include <stdint.h>

#include "workload-plan.h"

/* Where our files are, below the directory that the user names. */
#define WORKLOAD_FOLDER	"workload"

struct workload_filesystem {
	const char *path;	/* as the user gave it */
	int mount;		/* the directory, open */
	int folder;		/* ours in it, open, or -1: none yet */
	uint64_t folder_inode;
};

typedef int (*workload_extent_fn)(uint64_t offset, uint64_t start,
				  uint64_t length, void *data);

__attribute__((format(printf, 1, 2)))
void workload_complain(const char *format, ...);

int workload_filesystem_open(struct workload_filesystem *filesystem,
			     const char *path);
int workload_filesystem_check_writable(
	const struct workload_filesystem *filesystem);
int workload_filesystem_make_folder(struct workload_filesystem *filesystem);
void workload_filesystem_close(struct workload_filesystem *filesystem);
int workload_filesystem_sync(const struct workload_filesystem *filesystem);

int workload_read_block_groups(const struct workload_filesystem *filesystem,
			       struct workload_plan *plan);
int workload_read_files(const struct workload_filesystem *filesystem,
			uint64_t first_inode, struct workload_plan *plan);
int workload_read(const struct workload_filesystem *filesystem,
		  struct workload_plan *plan);
int workload_read_extents(const struct workload_filesystem *filesystem,
			  uint64_t inode, uint64_t from,
			  workload_extent_fn give, void *data);
void workload_file_name(uint64_t number, char name[24]);
int workload_verify(const struct workload_filesystem *filesystem,
		    const struct workload_plan *plan,
		    const struct workload_file *file);

#endif /* WORKLOAD_BTRFS_H */
