// SPDX-License-Identifier: GPL-2.0
/*
 * What the workload asks of a mounted btrfs.
 *
 * Block groups and files are read from the trees, many items in one call. They
 * show what the running transaction changed: a file that was truncated a moment
 * ago has no extents. So we keep no index of our own, which could be wrong. A file
 * is ours if it is in our folder and its name is a number. Before it is truncated,
 * FIEMAP is asked, too.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "workload.h"

/* The kernel faults in all of it on every call: not too large. */
#define SEARCH_SPACE	(256 << 10)
/* More than any file of ours has; a file with more is not verified. */
#define FIEMAP_EXTENTS	64

static int open_mount(struct workload_filesystem *filesystem)
{
	const char *path = filesystem->path;
	struct statfs about;

	filesystem->mount = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (filesystem->mount < 0)
		return workload_complain(-errno, "%s: %m: name a directory on a mounted btrfs",
					 path);
	if (fstatfs(filesystem->mount, &about))
		return workload_complain(-errno, "%s: %m: cannot tell its filesystem",
					 path);
	if ((unsigned long)about.f_type != BTRFS_SUPER_MAGIC)
		return workload_complain(-EINVAL,
					 "%s: not a btrfs filesystem: mount one there, with the v1 cache",
					 path);
	return 0;
}

static int open_folder(struct workload_filesystem *filesystem)
{
	struct stat about;

	filesystem->folder = openat(filesystem->mount, WORKLOAD_FOLDER,
				    O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
				    O_CLOEXEC);
	if (filesystem->folder < 0 || fstat(filesystem->folder, &about))
		return -errno;
	filesystem->folder_inode = about.st_ino;
	return 0;
}

static int complain_folder(const struct workload_filesystem *filesystem, int ret)
{
	const char *advice = "it must be a directory for this tool alone";

	if (ret == -EACCES || ret == -EPERM)
		advice = "run as root";
	else if (ret == -EROFS)
		advice = "mount the filesystem read-write";
	else if (ret == -ENOSPC)
		advice = "use a larger (sparse) device";
	return workload_complain(ret, "%s/" WORKLOAD_FOLDER ": %m: %s",
				 filesystem->path, advice);
}

int workload_sysfs_complain(const struct workload_filesystem *filesystem,
			    const char *name, int ret)
{
	return workload_complain(ret, "%s/%s: %m: %s", filesystem->sysfs_path, name,
				 ret == -EACCES || ret == -EPERM ? "run as root" :
				 "is this the directory of a mounted btrfs_twostage?");
}

/*
 * See that the path is on a btrfs, and find our folder and the module's, if named.
 * They stay open until the program ends.
 */
int workload_filesystem_open(struct workload_filesystem *filesystem,
			     const struct workload_options *options)
{
	int ret;

	*filesystem = (struct workload_filesystem){
		.path = options->path, .sysfs_path = options->sysfs,
		.sysfs = -1,
	};
	if (options->sysfs) {
		filesystem->sysfs = open(options->sysfs,
					 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (filesystem->sysfs < 0)
			return workload_sysfs_complain(filesystem, "writeout", -errno);
	}
	ret = open_mount(filesystem);
	if (ret)
		return ret;
	ret = open_folder(filesystem);
	return ret && ret != -ENOENT ? complain_folder(filesystem, ret) : 0;
}

/* See that it is mounted read-write, before anything is changed. */
int workload_filesystem_check_writable(const struct workload_filesystem *filesystem)
{
	if (!faccessat(filesystem->mount, ".", W_OK, AT_EACCESS))
		return 0;
	return workload_complain(-errno, "%s: %m: %s", filesystem->path,
				 errno == EROFS ? "mount it read-write" :
						  "run as root");
}

/* Make our folder unless it is there. */
int workload_filesystem_make_folder(struct workload_filesystem *filesystem)
{
	int ret;

	if (filesystem->folder >= 0)
		return 0;
	if (mkdirat(filesystem->mount, WORKLOAD_FOLDER, 0700))
		ret = -errno;
	else
		ret = open_folder(filesystem);
	return ret ? complain_folder(filesystem, ret) : 0;
}

/* Commit what is pending. */
int workload_filesystem_sync(const struct workload_filesystem *filesystem)
{
	if (!syncfs(filesystem->mount))
		return 0;
	return workload_complain(-errno, "%s: %m: the sync failed, see dmesg",
				 filesystem->path);
}

typedef int (*item_fn)(const struct btrfs_ioctl_search_header *header,
		       const void *item, void *data);

/* Gives the items that one search found to @give; @header is the last one's. */
static int give_items(const struct btrfs_ioctl_search_args_v2 *search,
		      item_fn give, void *data,
		      struct btrfs_ioctl_search_header *header)
{
	const char *items = (const char *)search->buf;
	size_t at = 0;
	uint32_t i;
	int ret = 0;

	for (i = 0; !ret && i < search->key.nr_items; i++) {
		memcpy(header, items + at, sizeof(*header));
		at += sizeof(*header);
		if (at + header->len > SEARCH_SPACE)
			return -EUCLEAN;
		ret = give(header, items + at, data);
		at += header->len;
	}
	return ret;
}

/* Gives every item in @range, whatever its offset after the first, to @give, in order. */
static int search_tree(int fd, const struct btrfs_ioctl_search_key *range,
		       item_fn give, void *data)
{
	struct btrfs_ioctl_search_header header;
	struct btrfs_ioctl_search_args_v2 *search;
	struct btrfs_ioctl_search_key *key;
	int ret;

	search = malloc(sizeof(*search) + SEARCH_SPACE);
	if (!search)
		return -ENOMEM;
	key = &search->key;
	*key = *range;
	key->max_offset = UINT64_MAX;
	key->max_transid = UINT64_MAX;
	for (;;) {
		key->nr_items = UINT32_MAX;
		search->buf_size = SEARCH_SPACE;
		ret = ioctl(fd, BTRFS_IOC_TREE_SEARCH_V2, search) ? -errno : 0;
		if (ret || !key->nr_items)
			break;
		ret = give_items(search, give, data, &header);
		if (ret)
			break;
		/* Go on with the key after the last one. */
		key->min_objectid = header.objectid;
		key->min_offset = header.offset + 1;
		key->min_type = header.type + !key->min_offset;
	}
	free(search);
	return ret;
}

static int complain_search(const struct workload_filesystem *filesystem,
			   const char *what, int ret)
{
	if (ret == -EPERM)
		workload_complain(ret, "%s: may not read the trees of the filesystem: run as root",
				  filesystem->path);
	else if (ret == -EEXIST)
		workload_complain(ret,
				  "%s/" WORKLOAD_FOLDER ": two files have the same number: remove what this tool did not make",
				  filesystem->path);
	else if (ret)
		workload_complain(ret, "%s: %m: cannot read its %s, see dmesg",
				  filesystem->path, what);
	return ret;
}

static int take_chunk(const struct btrfs_ioctl_search_header *header,
		      const void *item, void *data)
{
	struct btrfs_chunk chunk;

	if (header->type != BTRFS_CHUNK_ITEM_KEY)
		return 0;
	if (header->len < sizeof(chunk))
		return -EUCLEAN;
	memcpy(&chunk, item, sizeof(chunk));
	return workload_plan_add_group(data, header->offset,
				       le64toh(chunk.length),
				       le64toh(chunk.type));
}

/* Read the block groups into @plan, in place of those that it had. */
int workload_read_block_groups(const struct workload_filesystem *filesystem,
			       struct workload_plan *plan)
{
	static const struct btrfs_ioctl_search_key range = {
		.tree_id = BTRFS_CHUNK_TREE_OBJECTID,
		.min_objectid = BTRFS_FIRST_CHUNK_TREE_OBJECTID,
		.max_objectid = BTRFS_FIRST_CHUNK_TREE_OBJECTID,
		.min_type = BTRFS_CHUNK_ITEM_KEY,
		.max_type = BTRFS_CHUNK_ITEM_KEY,
	};

	plan->num_groups = 0;
	return complain_search(filesystem, "block groups",
			       search_tree(filesystem->mount, &range,
					   take_chunk, plan));
}

/* Return: whether the item is an extent that lies somewhere, and where. */
static bool read_extent(const struct btrfs_ioctl_search_header *header,
			const void *item, uint64_t *start, uint64_t *length)
{
	struct btrfs_file_extent_item extent;

	/* An inline one is shorter, and lies in no data block group. */
	if (header->type != BTRFS_EXTENT_DATA_KEY || header->len < sizeof(extent))
		return false;
	memcpy(&extent, item, sizeof(extent));
	*start = le64toh(extent.disk_bytenr);
	*length = le64toh(extent.disk_num_bytes);
	/* A hole lies nowhere. */
	return *start;
}

/*
 * A file's items come in the order inode, names, extents. The size waits here
 * until a name has told that the inode is ours.
 */
struct reading {
	struct workload_plan *plan;
	struct workload_file *file;	/* NULL: the inode is not ours */
	uint64_t folder_inode;
	uint64_t size;
};

static bool parse_name(const char *name, size_t length, uint64_t *number)
{
	if (length < 6 || length > 9)
		return false;
	for (*number = 0; length; length--, name++) {
		if (*name < '0' || *name > '9')
			return false;
		*number = *number * 10 + (*name - '0');
	}
	return true;
}

static int take_name(const struct btrfs_ioctl_search_header *header,
		     const void *item, struct reading *reading)
{
	struct btrfs_inode_ref ref;
	uint64_t number;
	size_t length;

	if (header->offset != reading->folder_inode)
		return 0;
	if (header->len < sizeof(ref))
		return -EUCLEAN;
	memcpy(&ref, item, sizeof(ref));
	length = le16toh(ref.name_len);
	if (sizeof(ref) + length > header->len)
		return -EUCLEAN;
	if (!parse_name((const char *)item + sizeof(ref), length, &number))
		return 0;
	reading->file = workload_plan_add_file(reading->plan, number,
					       header->objectid);
	if (!reading->file)
		return -ENOMEM;
	reading->file->size = reading->size;
	return 0;
}

static int take_file_item(const struct btrfs_ioctl_search_header *header,
			  const void *item, void *data)
{
	struct reading *reading = data;
	struct btrfs_inode_item inode;
	uint64_t start, length;

	switch (header->type) {
	case BTRFS_INODE_ITEM_KEY:
		if (header->len < sizeof(inode))
			return -EUCLEAN;
		memcpy(&inode, item, sizeof(inode));
		reading->file = NULL;
		reading->size = le64toh(inode.size);
		return 0;
	case BTRFS_INODE_REF_KEY:
		return take_name(header, item, reading);
	default:
		if (!reading->file || reading->file->inode != header->objectid ||
		    !read_extent(header, item, &start, &length))
			return 0;
		return workload_file_add_extent(reading->file, start, length);
	}
}

/*
 * Reads our files from this inode number on into the plan, which keeps the others
 * and has the block groups already, and maps them.
 */
int workload_read_files(const struct workload_filesystem *filesystem,
			uint64_t first_inode, struct workload_plan *plan)
{
	struct btrfs_ioctl_search_key range = {
		.tree_id = 0,	/* the subvolume that the folder is in */
		.min_objectid = first_inode,
		.max_objectid = BTRFS_LAST_FREE_OBJECTID,
		.max_type = BTRFS_EXTENT_DATA_KEY,
	};
	struct reading reading = {
		.plan = plan, .folder_inode = filesystem->folder_inode,
	};
	int ret = 0;

	workload_plan_drop_files_from(plan, first_inode);
	if (filesystem->folder >= 0)
		ret = search_tree(filesystem->folder, &range, take_file_item,
				  &reading);
	if (!ret)
		ret = workload_plan_map(plan);
	return complain_search(filesystem, "files", ret);
}

/* Read block groups and files. */
int workload_read(const struct workload_filesystem *filesystem,
		  struct workload_plan *plan)
{
	int ret = workload_read_block_groups(filesystem, plan);

	return ret ? ret : workload_read_files(filesystem, 0, plan);
}

struct extent_reading {
	workload_extent_fn give;
	void *data;
};

static int give_extent(const struct btrfs_ioctl_search_header *header,
		       const void *item, void *data)
{
	const struct extent_reading *reading = data;
	uint64_t start, length;

	if (!read_extent(header, item, &start, &length))
		return 0;
	return reading->give(header->offset, start, length, reading->data);
}

/* Gives the offset, start and length of each extent of a file of ours to @give. */
int workload_read_extents(const struct workload_filesystem *filesystem,
			  uint64_t inode, uint64_t from,
			  workload_extent_fn give, void *data)
{
	const struct btrfs_ioctl_search_key range = {
		.min_objectid = inode,
		.max_objectid = inode,
		.min_type = BTRFS_EXTENT_DATA_KEY,
		.max_type = BTRFS_EXTENT_DATA_KEY,
		.min_offset = from,
	};
	struct extent_reading reading = { .give = give, .data = data };

	return complain_search(filesystem, "extents",
			       search_tree(filesystem->folder, &range,
					   give_extent, &reading));
}

void workload_file_name(uint64_t number, char name[24])
{
	snprintf(name, 24, "%06" PRIu64, number);
}

/* Why the extents are not what the plan holds them for; NULL if they are. */
static const char *mismatch(const struct fiemap *answer,
			    const struct workload_plan *plan,
			    const struct workload_file *file)
{
	uint64_t bytes = 0;
	uint32_t i;

	if (!answer->fm_mapped_extents)
		return "has no extents any more";
	for (i = 0; i < answer->fm_mapped_extents; i++) {
		const struct fiemap_extent *extent = &answer->fm_extents[i];
		uint64_t last = extent->fe_physical + extent->fe_length - 1;

		if (extent->fe_flags & FIEMAP_EXTENT_SHARED)
			return "shares its extents: truncating it frees nothing, delete the copy";
		if (extent->fe_flags & (FIEMAP_EXTENT_UNKNOWN |
					FIEMAP_EXTENT_DELALLOC |
					FIEMAP_EXTENT_ENCODED |
					FIEMAP_EXTENT_NOT_ALIGNED))
			return "has extents that cannot be located: remove it and fill again";
		if (workload_plan_find(plan, extent->fe_physical) != file->group ||
		    workload_plan_find(plan, last) != file->group)
			return "is not all in its block group: was the filesystem balanced?";
		bytes += extent->fe_length;
	}
	if (!(answer->fm_extents[i - 1].fe_flags & FIEMAP_EXTENT_LAST))
		return "has too many extents: remove it and fill again";
	if (bytes != file->bytes)
		return "has holes or changed meanwhile: remove it and fill again";
	return NULL;
}

/* See with FIEMAP that a file lies where the plan says. */
int workload_verify(const struct workload_filesystem *filesystem,
		    const struct workload_plan *plan,
		    const struct workload_file *file)
{
	struct {
		struct fiemap head;
		struct fiemap_extent extents[FIEMAP_EXTENTS];
	} answer = {
		.head.fm_length = FIEMAP_MAX_OFFSET,
		.head.fm_flags = FIEMAP_FLAG_SYNC,
		.head.fm_extent_count = FIEMAP_EXTENTS,
	};
	const char *what;
	char name[24];
	int ret = 0;
	int fd;

	workload_file_name(file->number, name);
	fd = openat(filesystem->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, FS_IOC_FIEMAP, &answer)) {
		ret = -errno;
		what = strerror(errno);
	} else {
		what = mismatch(&answer.head, plan, file);
		if (what)
			ret = -ESTALE;
	}
	if (what)
		workload_complain(ret, "%s/" WORKLOAD_FOLDER "/%s: %s",
				  filesystem->path, name, what);
	if (fd >= 0)
		close(fd);
	return ret;
}
