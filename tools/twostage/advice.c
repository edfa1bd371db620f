// SPDX-License-Identifier: GPL-2.0
/*
 * Says why a filesystem writes no caches, or not as the disk would let it; see
 * advice.h. twostage doctor says the same.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"

/* Of btrfs: a smaller block group has no cache, and is a tenth of its filesystem. */
#define SMALLEST_MIB	1000

#define MAKE_V1	"make the filesystem with mkfs.btrfs -O ^free-space-tree,^block-group-tree (-R ^free-space-tree before version 6.3)"

__attribute__((format(printf, 2, 3)))
static void add(struct json_object *list, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	expect_memory(vasprintf(&text, format, arguments) >= 0);
	va_end(arguments);
	json_append(list, json_made(json_object_new_string(text)));
	free(text);
}

static void look_at_cache(const struct mounted *mounted, struct json_object *list)
{
	const char *cache = mounts_cache(mounted);

	if (!cache)
		return;
	if (!strcmp(cache, "v2"))
		add(list, "it has a free space tree (v2), so there are no caches to write: for a test of them, "
		    MAKE_V1);
	if (!strcmp(cache, "none"))
		add(list, "it is mounted with nospace_cache, so there are no caches to write: mount it with -o space_cache=v1, or if the kernel then falls back to no space cache, "
		    MAKE_V1);
	if (mounted->read_only)
		add(list, "it is read-only: if it was not mounted so, dmesg says why");
}

/* Return: the size of a device, in sectors of 512 bytes. */
static unsigned long long look_at_device(struct system *system, const char *folder,
					 const char *name, struct json_object *list)
{
	char line[32];

	if (!read_line(system_open(system, O_RDONLY, "%s/%s/loop/dio", folder, name), line,
		       sizeof(line)) && !strcmp(line, "0"))
		add(list, "%s is buffered, so its writes end in memory (direct I/O needs sectors as large as the disk's): sudo losetup --direct-io=on /dev/%s",
		    name, name);
	read_line(system_open(system, O_RDONLY, "%s/%s/size", folder, name), line, sizeof(line));
	return strtoull(line, NULL, 10);
}

static void look_at_devices(struct system *system, const struct mounted *mounted,
			    struct json_object *list)
{
	unsigned long long mib, sectors = 0;
	struct dirent **names = NULL;
	char folder[PATH_MAX];
	int count, i;

	snprintf(folder, sizeof(folder), "%s/%s/devices", mounted->folder,
		 mounted->identifier);
	count = read_names(system_open(system, O_RDONLY, "%s", folder), &names);
	for (i = 0; i < count; i++)
		sectors += look_at_device(system, folder, names[i]->d_name, list);
	free_names(names, count);
	mib = sectors / 2048;
	if (sectors && mib < SMALLEST_MIB)
		add(list, "it has %llu MiB, so its block groups are below 100 MiB and have no cache: use a device of at least 1 GiB",
		    mib);
}

/* Return: a list of lines, each with a remedy; empty if all is well. */
struct json_object *advice_list(struct system *system, const struct mounted *mounted)
{
	struct json_object *list = json_made(json_object_new_array());

	look_at_cache(mounted, list);
	look_at_devices(system, mounted, list);
	return list;
}

/* The same on standard error. */
void advice_print(struct system *system, const struct mounted *mounted)
{
	struct json_object *list = advice_list(system, mounted);
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
		complain("%s: %s", mounted->place,
			 json_object_get_string(json_object_array_get_idx(list, i)));
	json_object_put(list);
}
