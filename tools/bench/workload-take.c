// SPDX-License-Identifier: GPL-2.0
/*
 * `workload take`: how long it takes to allocate in each of so many block groups.
 *
 * Each file is larger than half of what `dirty` freed, so that a block group has room
 * for one only, and the next file goes into the next block group. Where they lie is
 * looked up only afterwards: looking would read what is to be read in the measured
 * part.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/param.h>
#include <unistd.h>

#include "workload.h"

/* Names have nine digits at most, and no other file has these. */
#define FIRST_NUMBER	900000000
/* Of a block group of this length. */
#define GROUP_LENGTH	(1024ULL << 20)

struct taking {
	uint64_t elapsed;
	uint64_t longest;	/* for one block group */
};

static int take_one(const struct workload_filesystem *filesystem, uint64_t number,
		    uint64_t size)
{
	char name[24];
	int ret = 0;
	int fd;

	workload_file_name(number, name);
	fd = openat(filesystem->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || fallocate(fd, 0, 0, size))
		ret = workload_complain(-errno,
					"%s/" WORKLOAD_FOLDER "/%s: %m: cannot allocate it: fill and dirty first, and take once",
					filesystem->path, name);
	if (fd >= 0)
		close(fd);
	return ret;
}

static int take_all(const struct workload_filesystem *filesystem,
		    const struct workload_options *options, struct taking *taking)
{
	uint64_t size = workload_file_size(GROUP_LENGTH, options->files_per_block_group, 0);
	uint64_t began = workload_nanoseconds(), before = began, now;
	uint64_t i;
	int ret;

	for (i = 0; i < options->block_groups; i++) {
		ret = take_one(filesystem, FIRST_NUMBER + i,
			       roundup(size * 3 / 5, WORKLOAD_GRANULE));
		if (ret)
			return ret;
		now = workload_nanoseconds();
		taking->longest = MAX(taking->longest, now - before);
		before = now;
	}
	taking->elapsed = before - began;
	return 0;
}

static size_t count_groups(const struct workload_plan *plan)
{
	const struct workload_block_group *last = NULL;
	size_t i, groups = 0;

	/* Files are in the order of their numbers, and so are what they lie in. */
	for (i = 0; i < plan->num_files; i++) {
		const struct workload_file *file = &plan->files[i];

		if (file->number < FIRST_NUMBER || !file->group || file->group == last)
			continue;
		last = file->group;
		groups++;
	}
	return groups;
}

static int check_places(const struct workload_filesystem *filesystem,
			const struct workload_options *options)
{
	struct workload_plan plan = { 0 };
	size_t groups;
	int ret;

	ret = workload_filesystem_sync(filesystem);
	if (!ret)
		ret = workload_read(filesystem, &plan);
	groups = ret ? 0 : count_groups(&plan);
	workload_plan_free(&plan);
	/* Those at the ends of the filesystem may be others. */
	if (!ret && groups < options->block_groups - options->block_groups / 16)
		ret = workload_complain(-ENODATA,
					"%s: the files lie in %zu block groups, not in %" PRIu64 ": dirty all of them first",
					filesystem->path, groups, options->block_groups);
	return ret;
}

int workload_run_take(struct workload_filesystem *filesystem,
		      const struct workload_options *options)
{
	struct json_object *object;
	struct taking taking = { 0 };
	int ret;

	ret = workload_filesystem_check_writable(filesystem);
	if (!ret)
		ret = workload_filesystem_make_folder(filesystem);
	if (!ret)
		ret = take_all(filesystem, options, &taking);
	if (!ret)
		ret = check_places(filesystem, options);
	if (ret)
		return ret;
	object = json_object_new_object();
	workload_json_add_number(object, "timed_ns", taking.elapsed);
	workload_json_add_number(object, "longest_ns", taking.longest);
	return workload_json_print(object);
}
