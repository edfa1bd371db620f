// SPDX-License-Identifier: GPL-2.0
/*
 * `workload fill`: gives data block groups files to truncate later.
 *
 * Files are allocated in order and in batches; after each batch the filesystem is
 * synced, which releases reservations, and the trees show where the files lie. The
 * allocator decides that, not we, so we are done when enough block groups are full,
 * not after so many files. Files that were truncated are allocated again before new
 * ones are made.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/param.h>
#include <unistd.h>

#include "workload.h"

/* So many block groups are filled between two syncs. */
#define BATCH_BLOCK_GROUPS	32
/* Larger than any block group that mkfs makes too small for a cache. */
#define PROBE_SIZE		(16ULL << 20)

struct filling {
	const struct workload_options *options;
	struct workload_filesystem *filesystem;
	struct workload_plan plan;
	uint64_t file_size;
	uint64_t next_number;	/* of the next file that is made */
	uint64_t first_changed;	/* inode from which on files are read anew */
	size_t next_empty;	/* where to look for one to allocate anew */
};

static size_t count_full(const struct filling *filling)
{
	return workload_plan_count_full(&filling->plan,
					filling->options->files_per_block_group);
}

static int complain_file(const struct filling *filling, const char *name,
			 int ret)
{
	const struct workload_options *options = filling->options;

	if (ret == -ENOSPC)
		return workload_complain(ret,
					 "%s: no space left after %zu of %" PRIu64
					 " block groups: use a larger (sparse) device or fewer block groups",
					 options->path, count_full(filling),
					 options->block_groups);
	return workload_complain(ret, "%s/" WORKLOAD_FOLDER "/%s: %m: cannot allocate it",
				 options->path, name);
}

/* Allocates all of the file or nothing: half of it would look like one that straddles. */
static int allocate_file(struct filling *filling, uint64_t number, int flags,
			 uint64_t size)
{
	uint64_t piece = workload_piece_size(size);
	uint64_t offset;
	char name[24];
	int ret = 0;
	int fd;

	workload_file_name(number, name);
	fd = openat(filling->filesystem->folder, name,
		    O_WRONLY | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
	if (fd < 0)
		return complain_file(filling, name, -errno);
	for (offset = 0; !ret && offset < size; offset += piece)
		if (fallocate(fd, 0, offset, MIN(piece, size - offset)))
			ret = -errno;
	if (ret && ftruncate(fd, 0))
		workload_complain(-errno, "%s/" WORKLOAD_FOLDER "/%s: %m: remove it",
				  filling->options->path, name);
	close(fd);
	return ret ? complain_file(filling, name, ret) : 0;
}

/* Allocates a file that was truncated, or else a new one. */
static int allocate_one(struct filling *filling)
{
	struct workload_plan *plan = &filling->plan;
	int ret;

	for (; filling->next_empty < plan->num_files; filling->next_empty++) {
		struct workload_file *file = &plan->files[filling->next_empty];

		if (file->size)
			continue;
		ret = allocate_file(filling, file->number, 0, filling->file_size);
		if (ret)
			return ret;
		filling->next_empty++;
		filling->first_changed = MIN(filling->first_changed, file->inode);
		return 0;
	}
	return allocate_file(filling, filling->next_number++, O_CREAT | O_EXCL,
			     filling->file_size);
}

static uint64_t behind_last_inode(const struct workload_plan *plan)
{
	uint64_t last = 0;
	size_t i;

	for (i = 0; i < plan->num_files; i++)
		last = MAX(last, plan->files[i].inode);
	return last + 1;
}

static int fill_batch(struct filling *filling, uint64_t block_groups)
{
	uint64_t files = block_groups * filling->options->files_per_block_group;
	struct workload_plan *plan = &filling->plan;
	int ret = 0;

	for (; !ret && files; files--)
		ret = allocate_one(filling);
	if (!ret)
		ret = workload_filesystem_sync(filling->filesystem);
	if (!ret)
		ret = workload_read_block_groups(filling->filesystem, plan);
	if (!ret)
		ret = workload_read_files(filling->filesystem,
					  filling->first_changed, plan);
	filling->first_changed = behind_last_inode(plan);
	filling->next_empty = 0;
	return ret;
}

static int fill_all(struct filling *filling)
{
	uint64_t wanted = filling->options->block_groups;
	uint64_t full = count_full(filling);
	int ret = 0;

	for (; !ret && full < wanted; full = count_full(filling))
		ret = fill_batch(filling, MIN(wanted - full, BATCH_BLOCK_GROUPS));
	return ret;
}

/*
 * A fresh filesystem has only the small data block group that mkfs made. The kernel
 * decides how long others will be: allocate something, and look. The first sync is
 * needed because a chunk made by the reclaim worker gets its item only after the
 * waiting fallocate has returned; the second frees the probe's space.
 */
static int probe_length(struct filling *filling)
{
	uint64_t number = filling->next_number++;
	char name[24];
	int ret;

	ret = allocate_file(filling, number, O_CREAT | O_EXCL, PROBE_SIZE);
	if (!ret)
		ret = workload_filesystem_sync(filling->filesystem);
	if (!ret)
		ret = workload_read_block_groups(filling->filesystem, &filling->plan);
	if (ret)
		return ret;
	workload_file_name(number, name);
	if (unlinkat(filling->filesystem->folder, name, 0))
		return complain_file(filling, name, -errno);
	return workload_filesystem_sync(filling->filesystem);
}

static int choose_size(struct filling *filling)
{
	const struct workload_options *options = filling->options;
	bool combed = options->fragments;
	uint64_t length;
	unsigned int mib;
	int ret = 0;

	if (workload_plan_longest(&filling->plan) < WORKLOAD_CACHED_LENGTH)
		ret = probe_length(filling);
	if (ret)
		return ret;
	length = workload_plan_longest(&filling->plan);
	mib = length >> 20;
	if (length < WORKLOAD_CACHED_LENGTH)
		return workload_complain(-EINVAL,
					 "%s: its block groups have %u MiB, and those under 100 MiB get no cache: use a device of 16 GiB or more",
					 options->path, mib);
	filling->file_size =
		workload_file_size(length, options->files_per_block_group,
				   workload_comb_bytes(options->fragments));
	if (!filling->file_size)
		return workload_complain(-EINVAL,
					 "%s: that many files%s do not fit into a block group of %u MiB: give a smaller --files-per-block-group%s",
					 options->path, combed ? " and fragments" : "",
					 mib, combed ? " or --fragments" : "");
	return 0;
}

static int start(struct filling *filling)
{
	struct workload_plan *plan = &filling->plan;
	int ret;

	ret = workload_filesystem_check_writable(filling->filesystem);
	if (!ret)
		ret = workload_read(filling->filesystem, plan);
	if (!ret)
		ret = workload_filesystem_make_folder(filling->filesystem);
	if (ret)
		return ret;
	if (plan->num_files)
		filling->next_number = plan->files[plan->num_files - 1].number + 1;
	filling->first_changed = behind_last_inode(plan);
	return choose_size(filling);
}

static struct json_object *report(const struct filling *filling)
{
	struct json_object *object = json_object_new_object();
	const struct workload_plan *plan = &filling->plan;
	uint64_t bytes = 0, fragments = 0;
	size_t i;

	for (i = 0; i < plan->num_files; i++)
		bytes += plan->files[i].bytes;
	for (i = 0; i < plan->num_groups; i++)
		fragments += plan->groups[i].fragments;
	workload_json_add_number(object, "block_groups", count_full(filling));
	workload_json_add_number(object, "files", workload_plan_files_left(plan));
	workload_json_add_number(object, "bytes", bytes);
	workload_json_add_number(object, "block_group_length",
				 workload_plan_longest(plan));
	workload_json_add_number(object, "data_block_groups",
				 workload_plan_count_data(plan));
	if (filling->options->fragments)
		workload_json_add_number(object, "fragments", fragments);
	return object;
}

int workload_run_fill(struct workload_filesystem *filesystem,
		      const struct workload_options *options)
{
	struct filling filling = { .options = options, .filesystem = filesystem };
	int ret;

	ret = start(&filling);
	if (!ret)
		ret = fill_all(&filling);
	if (!ret && options->fragments)
		ret = workload_make_fragments(filesystem, options, &filling.plan);
	if (!ret)
		ret = workload_json_print(report(&filling));
	workload_plan_free(&filling.plan);
	return ret;
}
