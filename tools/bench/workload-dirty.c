// SPDX-License-Identifier: GPL-2.0
/*
 * `workload dirty` and `workload block-groups`.
 *
 * Dirtying a block group means truncating one file of ours that lies entirely
 * in it. (Punching holes into a preallocated extent frees nothing.) All of it
 * is checked before the first file is truncated: either exactly the wanted
 * block groups are dirtied, or none.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workload-json.h"
#include "workload.h"

static int complain_selection(const struct workload_filesystem *filesystem,
			      size_t count,
			      const struct workload_selection *selection,
			      int ret)
{
	if (ret == -ENODATA)
		workload_complain("%s: %zu block groups have a file left, %zu are wanted: run `workload fill --block-groups=%zu` again",
				  filesystem->path, selection->available,
				  count, count);
	else
		workload_complain("%s: %s: cannot choose files",
				  filesystem->path, strerror(-ret));
	return ret;
}

static int choose(const struct workload_filesystem *filesystem,
		  size_t count,
		  struct workload_dirtied *dirtied)
{
	struct workload_selection *selection = &dirtied->selection;
	struct workload_plan *plan = &dirtied->plan;
	int ret;
	size_t i;

	ret = workload_filesystem_check_writable(filesystem);
	if (ret)
		return ret;
	ret = workload_read(filesystem, plan);
	if (ret)
		return ret;
	ret = workload_select(plan, count, selection);
	if (!ret)
		ret = workload_selection_check(plan, selection);
	if (ret)
		return complain_selection(filesystem, count, selection, ret);
	for (i = 0; !ret && i < selection->count; i++)
		ret = workload_verify(filesystem, plan,
				      &plan->files[selection->files[i]]);
	return ret;
}

static int truncate_file(const struct workload_filesystem *filesystem,
			 const struct workload_file *file, size_t before)
{
	char path[PATH_MAX];
	char name[24];
	int error = ENAMETOOLONG;

	workload_file_name(file->number, name);
	/* Not by a descriptor: it is one call for each file instead of three. */
	if (snprintf(path, sizeof(path), "%s/%s/%s", filesystem->path,
		     WORKLOAD_FOLDER, name) >= (int)sizeof(path))
		goto fail;
	if (!truncate(path, 0))
		return 0;
	error = errno;
fail:
	workload_complain("%s/%s/%s: %s: not truncated, and %zu before it were: sync, and dirty again",
			  filesystem->path, WORKLOAD_FOLDER, name,
			  strerror(error), before);
	return -error;
}

/**
 * workload_dirty - dirty block groups
 * @filesystem: the filesystem
 * @count: how many
 * @dirtied: the result, to be freed after an error as well
 */
int workload_dirty(const struct workload_filesystem *filesystem,
		   size_t count, struct workload_dirtied *dirtied)
{
	const struct workload_selection *selection = &dirtied->selection;
	int ret;
	size_t i;

	memset(dirtied, 0, sizeof(*dirtied));
	ret = choose(filesystem, count, dirtied);
	if (ret)
		return ret;
	for (i = 0; i < selection->count; i++) {
		const struct workload_file *file =
			&dirtied->plan.files[selection->files[i]];

		ret = truncate_file(filesystem, file, i);
		if (ret)
			return ret;
		dirtied->bytes_freed += file->bytes;
	}
	dirtied->files_left = workload_plan_files_left(&dirtied->plan) -
			      selection->count;
	return 0;
}

void workload_dirtied_free(struct workload_dirtied *dirtied)
{
	workload_selection_free(&dirtied->selection);
	workload_plan_free(&dirtied->plan);
}

static int end_line(struct workload_json *json)
{
	int ret = workload_json_end(json);

	if (ret)
		workload_complain("standard output: cannot write to it");
	return ret;
}

static int report_dirtied(const struct workload_dirtied *dirtied)
{
	const struct workload_selection *selection = &dirtied->selection;
	const struct workload_plan *plan = &dirtied->plan;
	struct workload_json json = { .out = stdout };
	size_t i;

	workload_json_open(&json, NULL, '{');
	workload_json_number(&json, "dirtied", selection->count);
	workload_json_open(&json, "block_groups", '[');
	for (i = 0; i < selection->count; i++) {
		size_t home = plan->files[selection->files[i]].block_group;

		workload_json_number(&json, NULL,
				     plan->block_groups[home].start);
	}
	workload_json_close(&json, ']');
	workload_json_number(&json, "bytes_freed", dirtied->bytes_freed);
	workload_json_number(&json, "files_left", dirtied->files_left);
	workload_json_close(&json, '}');
	return end_line(&json);
}

/* Dirty block groups, and say which. */
int workload_run_dirty(const struct workload_options *options)
{
	struct workload_filesystem filesystem;
	struct workload_dirtied dirtied;
	int ret;

	ret = workload_filesystem_open(&filesystem, options->path);
	if (ret)
		return ret;
	ret = workload_dirty(&filesystem, options->block_groups, &dirtied);
	if (!ret)
		ret = report_dirtied(&dirtied);
	workload_dirtied_free(&dirtied);
	workload_filesystem_close(&filesystem);
	return ret;
}

static int report_block_groups(const struct workload_plan *plan)
{
	struct workload_json json = { .out = stdout };
	size_t i;

	workload_json_open(&json, NULL, '[');
	for (i = 0; i < plan->num_block_groups; i++) {
		const struct workload_block_group *group =
			&plan->block_groups[i];

		workload_json_open(&json, NULL, '{');
		workload_json_number(&json, "start", group->start);
		workload_json_number(&json, "length", group->length);
		workload_json_number(&json, "flags", group->flags);
		workload_json_number(&json, "files", group->files);
		workload_json_close(&json, '}');
	}
	workload_json_close(&json, ']');
	return end_line(&json);
}

/* Say what block groups there are. */
int workload_run_block_groups(const struct workload_options *options)
{
	struct workload_filesystem filesystem;
	struct workload_plan plan = { 0 };
	int ret;

	ret = workload_filesystem_open(&filesystem, options->path);
	if (ret)
		return ret;
	ret = workload_read(&filesystem, &plan);
	if (!ret)
		ret = report_block_groups(&plan);
	workload_plan_free(&plan);
	workload_filesystem_close(&filesystem);
	return ret;
}
