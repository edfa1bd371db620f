// SPDX-License-Identifier: GPL-2.0
/*
 * `workload dirty` and `workload block-groups`.
 *
 * Dirtying a block group means truncating one file of ours that lies entirely
 * in it. (Punching holes into a preallocated extent frees nothing.) All files are
 * checked before the first is truncated: either exactly the wanted number of block
 * groups is dirtied, or none.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "workload.h"

static int choose_files(const struct workload_filesystem *filesystem, size_t count,
			struct workload_plan *plan, size_t **selected)
{
	size_t available;
	size_t i;
	int ret;

	ret = workload_filesystem_check_writable(filesystem);
	if (!ret)
		ret = workload_read(filesystem, plan);
	if (ret)
		return ret;
	ret = workload_plan_select(plan, count, selected, &available);
	if (ret == -ENODATA)
		return workload_complain(ret,
					 "%s: %zu block groups have a file left, %zu are wanted: run `workload fill --block-groups=%zu` again",
					 filesystem->path, available, count, count);
	if (ret)
		return workload_complain(ret, "%s: %m: cannot choose files",
					 filesystem->path);
	for (i = 0; !ret && i < count; i++)
		ret = workload_verify(filesystem, plan,
				      &plan->files[(*selected)[i]]);
	return ret;
}

static int truncate_file(const struct workload_filesystem *filesystem,
			 const struct workload_file *file, size_t before)
{
	char path[PATH_MAX];
	char name[24];

	workload_file_name(file->number, name);
	/* Not by a descriptor: it is one call for each file instead of three. */
	if (snprintf(path, sizeof(path), "%s/" WORKLOAD_FOLDER "/%s",
		     filesystem->path, name) >= (int)sizeof(path))
		errno = ENAMETOOLONG;
	else if (!truncate(path, 0))
		return 0;
	return workload_complain(-errno,
				 "%s/" WORKLOAD_FOLDER "/%s: %m: not truncated, and %zu before it were: sync, and dirty again",
				 filesystem->path, name, before);
}

static struct json_object *report(const struct workload_plan *plan,
				  const size_t *selected, size_t count)
{
	struct json_object *object = json_object_new_object();
	struct json_object *groups = json_object_new_array();
	uint64_t bytes_freed = 0;
	size_t i;

	workload_json_add_number(object, "dirtied", count);
	workload_json_add(object, "block_groups", groups);
	for (i = 0; i < count; i++) {
		const struct workload_file *file = &plan->files[selected[i]];

		workload_json_add_number(groups, NULL, file->group->start);
		bytes_freed += file->bytes;
	}
	workload_json_add_number(object, "bytes_freed", bytes_freed);
	workload_json_add_number(object, "files_left",
				 workload_plan_files_left(plan) - count);
	return object;
}

/* Dirty @count block groups, and print which if wanted. */
int workload_dirty(const struct workload_filesystem *filesystem, size_t count,
		   bool print)
{
	struct workload_plan plan = { 0 };
	size_t *selected = NULL;
	size_t i;
	int ret;

	ret = choose_files(filesystem, count, &plan, &selected);
	for (i = 0; !ret && i < count; i++)
		ret = truncate_file(filesystem, &plan.files[selected[i]], i);
	if (!ret && print)
		ret = workload_json_print(report(&plan, selected, count));
	free(selected);
	workload_plan_free(&plan);
	return ret;
}

int workload_run_dirty(struct workload_filesystem *filesystem,
		       const struct workload_options *options)
{
	return workload_dirty(filesystem, options->block_groups, true);
}

static struct json_object *list(const struct workload_plan *plan)
{
	struct json_object *groups = json_object_new_array();
	size_t i;

	for (i = 0; i < plan->num_groups; i++) {
		const struct workload_block_group *group = &plan->groups[i];
		struct json_object *object = json_object_new_object();

		workload_json_add_number(object, "start", group->start);
		workload_json_add_number(object, "length", group->length);
		workload_json_add_number(object, "flags", group->flags);
		workload_json_add_number(object, "files", group->files);
		workload_json_add(groups, NULL, object);
	}
	return groups;
}

int workload_run_block_groups(struct workload_filesystem *filesystem,
			      const struct workload_options *options)
{
	struct workload_plan plan = { 0 };
	int ret;

	(void)options;
	ret = workload_read(filesystem, &plan);
	if (!ret)
		ret = workload_json_print(list(&plan));
	workload_plan_free(&plan);
	return ret;
}
