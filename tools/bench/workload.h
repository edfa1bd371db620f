/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the workload share.
 *
 * Functions return 0 or a negative errno. Whoever meets an error of the system
 * first says so, in one line that tells what to do; callers pass the errno on.
 * The functions of workload-plan.c say nothing and talk to no kernel, so that
 * a test can run each of its rules anywhere.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twostage_counters.h"

/* The kernel writes no cache for a block group that is shorter. */
#define WORKLOAD_CACHED_LENGTH	(100ULL << 20)
/* What a file's size is rounded down to. */
#define WORKLOAD_GRANULE	(64ULL << 10)
/* The longest piece of a file that is allocated at once. */
#define WORKLOAD_EXTENT_MAX	(128ULL << 20)
/* The size of a piece of the comb, and of a free fragment. */
#define WORKLOAD_PIECE		(16ULL << 10)
/* A bystander's list of latencies takes no more than 32 MiB. */
#define WORKLOAD_LATENCIES_MAX	(4ULL << 20)
/* Where our files are, below the directory that the user names. */
#define WORKLOAD_FOLDER		"workload"

/* The command line. Numbers that were not given are 0. */
struct workload_options {
	const char *path;
	const char *sysfs;
	char **arguments;	/* COMMAND and what it is given, then NULL */
	uint64_t block_groups;
	uint64_t files_per_block_group;
	uint64_t fragments;
	uint64_t samples;
};

struct workload_filesystem {
	const char *path;	/* as the user gave it */
	const char *sysfs_path;
	int sysfs;		/* the module's directory, open, or -1: without it */
	int mount;		/* the directory at path, open */
	int folder;		/* ours in it, open, or -1: none yet */
	uint64_t folder_inode;
};

/* The subcommands. A bystander returns the status of a COMMAND that failed. */
typedef int workload_run_fn(struct workload_filesystem *filesystem,
			    const struct workload_options *options);
workload_run_fn workload_run_fill;
workload_run_fn workload_run_dirty;
workload_run_fn workload_run_take;
workload_run_fn workload_run_measure;
workload_run_fn workload_run_bystander;
workload_run_fn workload_run_block_groups;

/* workload-output.c: what is printed, and the clock */

__attribute__((format(printf, 2, 3)))
int workload_complain(int ret, const char *format, ...);
void workload_json_add(struct json_object *parent, const char *name,
		       struct json_object *value);
void workload_json_add_number(struct json_object *parent, const char *name,
			      uint64_t number);
int workload_json_print(struct json_object *value);
uint64_t workload_nanoseconds(void);

/* workload-plan.c: which file lies where, and which fragments to make */

struct workload_block_group {
	uint64_t start;
	uint64_t length;
	uint64_t flags;		/* BTRFS_BLOCK_GROUP_* */
	uint64_t files;		/* of ours, entirely inside */
	uint64_t fragments;
};

struct workload_file {
	uint64_t number;	/* its name; the first member, to sort by */
	uint64_t inode;
	uint64_t size;
	uint64_t low;		/* where its lowest extent starts */
	uint64_t high;		/* where its highest extent ends */
	uint64_t bytes;		/* that its extents take */
	struct workload_block_group *group;	/* NULL: not inside one */
};

struct workload_plan {
	struct workload_block_group *groups;	/* by start */
	size_t num_groups;
	size_t group_space;
	struct workload_file *files;		/* once mapped, by number */
	size_t num_files;
	size_t file_space;
};

/* A piece of the comb: the file that leaves fragments between its pieces. */
struct workload_piece {
	uint64_t start;		/* where it lies; the first member, to sort by */
	uint64_t offset;	/* in the comb */
	struct workload_block_group *group;	/* NULL: in none that is known */
	bool old;		/* from an earlier fill */
	bool surplus;		/* to be given back */
};

struct workload_comb {
	struct workload_piece *pieces;
	size_t num_pieces;
	size_t num_settled;	/* the first ones; nothing changes them */
	size_t space;
};

/* What each block group is to have. */
struct workload_comb_wish {
	uint64_t fragments;
	uint64_t files;		/* those with fewer files get no fragments */
};

int workload_make_room(void *array, size_t used, size_t *space, size_t size);
int workload_compare(const void *first, const void *second);

bool workload_group_counts(const struct workload_block_group *group);
uint64_t workload_file_size(uint64_t group_length, uint64_t files, uint64_t kept);
uint64_t workload_piece_size(uint64_t file_size);

int workload_plan_add_group(struct workload_plan *plan, uint64_t start,
			    uint64_t length, uint64_t flags);
struct workload_file *workload_plan_add_file(struct workload_plan *plan,
					     uint64_t number, uint64_t inode);
int workload_file_add_extent(struct workload_file *file, uint64_t start,
			     uint64_t length);
void workload_plan_drop_files_from(struct workload_plan *plan, uint64_t inode);
int workload_plan_map(struct workload_plan *plan);
struct workload_block_group *
workload_plan_find(const struct workload_plan *plan, uint64_t address);
size_t workload_plan_count_full(const struct workload_plan *plan, uint64_t files);
size_t workload_plan_count_data(const struct workload_plan *plan);
size_t workload_plan_files_left(const struct workload_plan *plan);
uint64_t workload_plan_longest(const struct workload_plan *plan);
int workload_plan_select(const struct workload_plan *plan, size_t count,
			 size_t **selected, size_t *available);
void workload_plan_free(struct workload_plan *plan);

uint64_t workload_comb_bytes(uint64_t fragments);
int workload_comb_add(struct workload_comb *comb, const struct workload_plan *plan,
		      uint64_t offset, uint64_t start, bool old);
bool workload_comb_lacks(const struct workload_block_group *group,
			 const struct workload_comb_wish *wish);
void workload_comb_decide(struct workload_comb *comb,
			  const struct workload_comb_wish *wish);
void workload_comb_free(struct workload_comb *comb);

/* workload-btrfs.c: what is asked of a mounted btrfs */

typedef int (*workload_extent_fn)(uint64_t offset, uint64_t start,
				  uint64_t length, void *data);

int workload_filesystem_open(struct workload_filesystem *filesystem,
			     const struct workload_options *options);
int workload_sysfs_complain(const struct workload_filesystem *filesystem,
			    const char *name, int ret);
int workload_filesystem_check_writable(const struct workload_filesystem *filesystem);
int workload_filesystem_make_folder(struct workload_filesystem *filesystem);
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

/* workload-fragments.c: `fill --fragments` */

int workload_make_fragments(const struct workload_filesystem *filesystem,
			    const struct workload_options *options,
			    struct workload_plan *plan);

/* workload-dirty.c */

int workload_dirty(const struct workload_filesystem *filesystem, size_t count,
		   bool print);

/* workload-measure.c */

struct workload_sample {
	uint64_t before[TWOSTAGE_NR_TOTALS];
	uint64_t counted[TWOSTAGE_NR_TOTALS];	/* since then */
	uint64_t transid;
	uint64_t peak_in_flight;
	uint64_t sync_ns;
	uint64_t dirtied;	/* 0: whatever was dirty */
	uint64_t window;
	char policy[64];	/* empty: the counters are unknown */
};

const char *workload_sample_count(struct workload_sample *sample,
				  const uint64_t after[TWOSTAGE_NR_TOTALS]);
const char *workload_sample_fault(const struct workload_sample *sample);
struct json_object *workload_sample_json(const struct workload_sample *sample);

/* workload-bystander.c */

struct workload_latencies {
	uint64_t *ns;
	size_t count;
	size_t space;
};

int workload_latencies_add(struct workload_latencies *latencies, uint64_t ns);
uint64_t workload_latencies_percentile(struct workload_latencies *latencies,
				       unsigned int percent);

#endif /* WORKLOAD_H */
