// SPDX-License-Identifier: GPL-2.0
/*
 * Reads block groups and files out of a mounted btrfs; see workload-btrfs.h.
 *
 * The trees are read as they are in memory, with what the running transaction
 * changed, so a file that was truncated a moment ago has no extents here.
 * Files count as ours by their name, a number, in our folder.
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
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "workload-btrfs.h"

/* The kernel faults in all of it on every call: not too large. */
#define SEARCH_SPACE	(256 << 10)
/* More than any file of ours has; a file with more is not verified. */
#define FIEMAP_EXTENTS	64

/* Says one line on standard error. */
void workload_complain(const char *format, ...)
{
	va_list arguments;

	fputs("workload: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

static int open_mount(struct workload_filesystem *filesystem)
{
	struct statfs about;

	filesystem->mount = open(filesystem->path,
				 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (filesystem->mount < 0) {
		int error = errno;

		workload_complain("%s: %s: name a directory on a mounted btrfs",
				  filesystem->path, strerror(error));
		return -error;
	}
	if (fstatfs(filesystem->mount, &about)) {
		int error = errno;

		workload_complain("%s: %s: cannot tell its filesystem",
				  filesystem->path, strerror(error));
		return -error;
	}
	if ((unsigned long)about.f_type != BTRFS_SUPER_MAGIC) {
		workload_complain("%s: not a btrfs filesystem: mount one there, with space_cache=v1",
				  filesystem->path);
		return -EINVAL;
	}
	return 0;
}

static int open_folder(struct workload_filesystem *filesystem)
{
	struct stat about;

	filesystem->folder = openat(filesystem->mount, WORKLOAD_FOLDER,
				    O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
				    O_CLOEXEC);
	if (filesystem->folder < 0)
		return -errno;
	if (fstat(filesystem->folder, &about))
		return -errno;
	filesystem->folder_inode = about.st_ino;
	return 0;
}

static int complain_folder(const struct workload_filesystem *filesystem,
			   int ret)
{
	const char *advice = "it must be a directory for this tool alone";

	if (ret == -EACCES || ret == -EPERM)
		advice = "run as root";
	else if (ret == -EROFS)
		advice = "mount the filesystem read-write";
	else if (ret == -ENOSPC)
		advice = "use a larger (sparse) device";
	workload_complain("%s/%s: %s: %s", filesystem->path, WORKLOAD_FOLDER,
			  strerror(-ret), advice);
	return ret;
}

/**
 * workload_filesystem_open - see that it is a btrfs, and find our folder
 * @filesystem: to be filled in
 * @path: a directory on it
 *
 * Return: 0 or a negative errno, and then nothing is left open.
 */
int workload_filesystem_open(struct workload_filesystem *filesystem,
			     const char *path)
{
	int ret;

	*filesystem = (struct workload_filesystem){
		.path = path, .mount = -1, .folder = -1,
	};
	ret = open_mount(filesystem);
	if (ret)
		goto fail;
	ret = open_folder(filesystem);
	if (ret && ret != -ENOENT) {
		complain_folder(filesystem, ret);
		goto fail;
	}
	return 0;
fail:
	workload_filesystem_close(filesystem);
	return ret;
}

/* See that it is mounted read-write, before anything is changed. */
int workload_filesystem_check_writable(
	const struct workload_filesystem *filesystem)
{
	int error;

	if (!faccessat(filesystem->mount, ".", W_OK, AT_EACCESS))
		return 0;
	error = errno;
	workload_complain("%s: %s: %s", filesystem->path, strerror(error),
			  error == EROFS ? "mount it read-write" :
					   "run as root");
	return -error;
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

void workload_filesystem_close(struct workload_filesystem *filesystem)
{
	if (filesystem->folder >= 0)
		close(filesystem->folder);
	if (filesystem->mount >= 0)
		close(filesystem->mount);
	filesystem->folder = -1;
	filesystem->mount = -1;
}

/* Commit what is pending. */
int workload_filesystem_sync(const struct workload_filesystem *filesystem)
{
	if (syncfs(filesystem->mount)) {
		int error = errno;

		workload_complain("%s: %s: the sync failed, see dmesg",
				  filesystem->path, strerror(error));
		return -error;
	}
	return 0;
}

typedef int (*item_fn)(const struct btrfs_ioctl_search_header *header,
		       const void *item, void *data);

/* Moves the search behind the item; false if no key is behind it. */
static bool search_behind(struct btrfs_ioctl_search_key *key,
			  const struct btrfs_ioctl_search_header *header)
{
	key->min_objectid = header->objectid;
	key->min_type = header->type;
	key->min_offset = header->offset + 1;
	if (key->min_offset)
		return true;
	key->min_type++;
	if (key->min_type <= UINT8_MAX)
		return true;
	key->min_type = 0;
	key->min_objectid++;
	return key->min_objectid != 0;
}

static int hand_over(struct btrfs_ioctl_search_args_v2 *search, item_fn give,
		     void *data, struct btrfs_ioctl_search_header *header)
{
	size_t at = 0;
	uint32_t i;
	int ret = 0;

	for (i = 0; !ret && i < search->key.nr_items; i++) {
		memcpy(header, search->buf + at, sizeof(*header));
		at += sizeof(*header);
		if (at + header->len > SEARCH_SPACE)
			return -EUCLEAN;
		ret = give(header, search->buf + at, data);
		at += header->len;
	}
	return ret;
}

/* Gives every item with a key in the range of @range to @give, in order. */
static int search_tree(int fd, const struct btrfs_ioctl_search_key *range,
		       item_fn give, void *data)
{
	struct btrfs_ioctl_search_header header;
	struct btrfs_ioctl_search_args_v2 *search;
	int ret = -ENOMEM;

	search = malloc(sizeof(*search) + SEARCH_SPACE);
	if (!search)
		goto out;
	search->key = *range;
	do {
		search->key.nr_items = UINT32_MAX;
		search->buf_size = SEARCH_SPACE;
		ret = 0;
		if (ioctl(fd, BTRFS_IOC_TREE_SEARCH_V2, search))
			ret = -errno;
		if (ret || !search->key.nr_items)
			break;
		ret = hand_over(search, give, data, &header);
	} while (!ret && search_behind(&search->key, &header));
	free(search);
out:
	return ret;
}

static int complain_search(const struct workload_filesystem *filesystem,
			   const char *what, int ret)
{
	if (ret == -EPERM)
		workload_complain("%s: may not read the trees of the filesystem: run as root",
				  filesystem->path);
	else if (ret == -EEXIST)
		workload_complain("%s/%s: two files have the same number: remove what this tool did not make",
				  filesystem->path, WORKLOAD_FOLDER);
	else if (ret)
		workload_complain("%s: %s: cannot read its %s, see dmesg",
				  filesystem->path, strerror(-ret), what);
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
	return workload_plan_add_block_group(data, header->offset,
					     le64toh(chunk.length),
					     le64toh(chunk.type));
}

/* Reads the block groups into @plan, in place of those that it had. */
int workload_read_block_groups(const struct workload_filesystem *filesystem,
			       struct workload_plan *plan)
{
	static const struct btrfs_ioctl_search_key range = {
		.tree_id = BTRFS_CHUNK_TREE_OBJECTID,
		.min_objectid = BTRFS_FIRST_CHUNK_TREE_OBJECTID,
		.max_objectid = BTRFS_FIRST_CHUNK_TREE_OBJECTID,
		.min_type = BTRFS_CHUNK_ITEM_KEY,
		.max_type = BTRFS_CHUNK_ITEM_KEY,
		.max_offset = UINT64_MAX,
		.max_transid = UINT64_MAX,
	};

	plan->num_block_groups = 0;
	return complain_search(filesystem, "block groups",
			       search_tree(filesystem->mount, &range,
					   take_chunk, plan));
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

static bool read_number(const char *name, size_t length, uint64_t *number)
{
	size_t i;

	if (length < 6 || length > 9)
		return false;
	*number = 0;
	for (i = 0; i < length; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		*number = *number * 10 + (name[i] - '0');
	}
	return true;
}

static int take_inode(const struct btrfs_ioctl_search_header *header,
		      const void *item, struct reading *reading)
{
	struct btrfs_inode_item inode;

	if (header->len < sizeof(inode))
		return -EUCLEAN;
	memcpy(&inode, item, sizeof(inode));
	reading->file = NULL;
	reading->size = le64toh(inode.size);
	return 0;
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
	if (!read_number((const char *)item + sizeof(ref), length, &number))
		return 0;
	reading->file = workload_plan_add_file(reading->plan, number,
					       header->objectid);
	if (!reading->file)
		return -ENOMEM;
	reading->file->size = reading->size;
	return 0;
}

static int take_extent(const struct btrfs_ioctl_search_header *header,
		       const void *item, struct reading *reading)
{
	struct btrfs_file_extent_item extent;

	if (!reading->file || reading->file->inode != header->objectid)
		return 0;
	/* An inline one is shorter, and lies in no data block group. */
	if (header->len < sizeof(extent))
		return 0;
	memcpy(&extent, item, sizeof(extent));
	if (!extent.disk_bytenr)
		return 0;
	return workload_file_add_extent(reading->file,
					le64toh(extent.disk_bytenr),
					le64toh(extent.disk_num_bytes));
}

static int take_file_item(const struct btrfs_ioctl_search_header *header,
			  const void *item, void *data)
{
	switch (header->type) {
	case BTRFS_INODE_ITEM_KEY:
		return take_inode(header, item, data);
	case BTRFS_INODE_REF_KEY:
		return take_name(header, item, data);
	case BTRFS_EXTENT_DATA_KEY:
		return take_extent(header, item, data);
	default:
		return 0;
	}
}

/**
 * workload_read_files - read our files into a plan and map them
 * @filesystem: the filesystem
 * @first_inode: those from this inode number on; the plan keeps the others
 * @plan: its block groups have been read
 */
int workload_read_files(const struct workload_filesystem *filesystem,
			uint64_t first_inode, struct workload_plan *plan)
{
	struct btrfs_ioctl_search_key range = {
		.tree_id = 0,	/* the subvolume that the folder is in */
		.min_objectid = first_inode,
		.max_objectid = BTRFS_LAST_FREE_OBJECTID,
		.max_type = BTRFS_EXTENT_DATA_KEY,
		.max_offset = UINT64_MAX,
		.max_transid = UINT64_MAX,
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

/* Reads all there is to know. */
int workload_read(const struct workload_filesystem *filesystem,
		  struct workload_plan *plan)
{
	int ret;

	ret = workload_read_block_groups(filesystem, plan);
	if (ret)
		return ret;
	return workload_read_files(filesystem, 0, plan);
}

struct extent_reading {
	workload_extent_fn give;
	void *data;
};

static int give_extent(const struct btrfs_ioctl_search_header *header,
		       const void *item, void *data)
{
	const struct extent_reading *reading = data;
	struct btrfs_file_extent_item extent;

	if (header->type != BTRFS_EXTENT_DATA_KEY ||
	    header->len < sizeof(extent))
		return 0;
	memcpy(&extent, item, sizeof(extent));
	if (!extent.disk_bytenr)
		return 0;
	return reading->give(header->offset, le64toh(extent.disk_bytenr),
			     le64toh(extent.disk_num_bytes), reading->data);
}

/**
 * workload_read_extents - read where a file lies, extent by extent
 * @filesystem: the filesystem; our folder is there
 * @inode: the file, in the subvolume of our folder
 * @from: the offset in the file to begin at
 * @give: is given offset, start and length of each
 * @data: for @give
 */
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
		.max_offset = UINT64_MAX,
		.max_transid = UINT64_MAX,
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

struct fiemap_answer {
	struct fiemap head;
	struct fiemap_extent extents[FIEMAP_EXTENTS];
};

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
		if (workload_plan_find(plan, extent->fe_physical) !=
		    file->block_group ||
		    workload_plan_find(plan, last) != file->block_group)
			return "is not all in its block group: was the filesystem balanced?";
		bytes += extent->fe_length;
	}
	if (!(answer->fm_extents[i - 1].fe_flags & FIEMAP_EXTENT_LAST))
		return "has too many extents: remove it and fill again";
	if (bytes != file->bytes)
		return "has holes or changed meanwhile: remove it and fill again";
	return NULL;
}

/**
 * workload_verify - see with FIEMAP that a file lies where the plan says
 * @filesystem: the filesystem
 * @plan: the plan
 * @file: one of its files, which lies in a block group
 */
int workload_verify(const struct workload_filesystem *filesystem,
		    const struct workload_plan *plan,
		    const struct workload_file *file)
{
	struct fiemap_answer answer = {
		.head.fm_length = FIEMAP_MAX_OFFSET,
		.head.fm_flags = FIEMAP_FLAG_SYNC,
		.head.fm_extent_count = FIEMAP_EXTENTS,
	};
	const char *what;
	char name[24];
	int ret = 0;
	int fd;

	workload_file_name(file->number, name);
	fd = openat(filesystem->folder, name,
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, FS_IOC_FIEMAP, &answer)) {
		ret = -errno;
		what = strerror(-ret);
	} else {
		what = mismatch(&answer.head, plan, file);
		if (what)
			ret = -ESTALE;
	}
	if (what)
		workload_complain("%s/%s/%s: %s", filesystem->path,
				  WORKLOAD_FOLDER, name, what);
	if (fd >= 0)
		close(fd);
	return ret;
}
