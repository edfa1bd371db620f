// SPDX-License-Identifier: GPL-2.0
/*
 * `workload fill --fragments`: gives block groups free fragments, so that
 * their caches have bitmaps.
 *
 * The allocator takes the first block group with room, and there the largest
 * hole. So the comb is allocated piece by piece, wherever that comes to lie; a
 * block group that has enough is filled up by a file without a name, the plug, so
 * that the next one is taken. The pieces between two others are given back at the
 * end, not before, or the allocator would return to them. If we fail or are killed,
 * the plug goes with us, and the next fill goes on with the comb that is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

#define COMB	"comb"
/* Pieces between two looks at where they lie. */
#define BATCH_MAX	256
/* Small, as the last one may lie in the next block group. */
#define PLUG_SIZE	(64 * WORKLOAD_PIECE)
/* One fragment in so many is made by the second of two commits. */
#define LATE_EVERY	64

/* A file that grows by extents of its own. */
struct growing {
	int fd;
	uint64_t inode;
	uint64_t size;
};

enum taken { OLD_TEETH, NEW_TEETH, PLUG };

struct combing {
	const struct workload_options *options;
	const struct workload_filesystem *filesystem;
	struct workload_plan *plan;
	struct workload_comb_wish wish;
	struct workload_comb comb;
	struct growing teeth;
	struct growing plug;
	enum taken taken;
	/* Where that lies; NULL if in one made meanwhile: the others are full. */
	struct workload_block_group *home;
};

static int complain_comb(const struct combing *combing, int ret)
{
	return workload_complain(ret,
				 "%s/" WORKLOAD_FOLDER "/" COMB ": %m: cannot make fragments with it",
				 combing->options->path);
}

/* Return: a block group that lacks fragments, or NULL. */
static const struct workload_block_group *lacking(const struct combing *combing)
{
	const struct workload_plan *plan = combing->plan;
	size_t i;

	for (i = 0; i < plan->num_groups; i++)
		if (workload_comb_lacks(&plan->groups[i], &combing->wish))
			return &plan->groups[i];
	return NULL;
}

static int complain_room(const struct combing *combing)
{
	const struct workload_block_group *group = lacking(combing);

	return workload_complain(-ENOSPC,
				 "%s: the block group at %" PRIu64
				 " has room for %" PRIu64 " of %" PRIu64
				 " fragments: give a smaller --fragments, or fill a filesystem made anew",
				 combing->options->path, group->start,
				 group->fragments, combing->wish.fragments);
}

static int open_growing(const struct combing *combing, struct growing *growing,
			const char *name, int flags)
{
	struct stat about;

	growing->fd = openat(combing->filesystem->folder, name,
			     O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
	if (growing->fd < 0 || fstat(growing->fd, &about))
		return complain_comb(combing, -errno);
	growing->inode = about.st_ino;
	growing->size = about.st_size;
	return 0;
}

static int grow(const struct combing *combing, struct growing *growing,
		uint64_t size)
{
	if (fallocate(growing->fd, 0, growing->size, size)) {
		if (errno == ENOSPC)
			return complain_room(combing);
		return complain_comb(combing, -errno);
	}
	growing->size += size;
	return 0;
}

static int take_extent(uint64_t offset, uint64_t start, uint64_t length,
		       void *data)
{
	struct combing *combing = data;

	combing->home = workload_plan_find(combing->plan, start);
	/* The last of the space comes in crumbs. */
	if (combing->taken == PLUG || length != WORKLOAD_PIECE)
		return 0;
	return workload_comb_add(&combing->comb, combing->plan, offset, start,
				 combing->taken == OLD_TEETH);
}

/* Looks where what was allocated last came to lie. */
static int take_extents(struct combing *combing, enum taken taken, uint64_t from)
{
	const struct growing *growing =
		taken == PLUG ? &combing->plug : &combing->teeth;

	combing->taken = taken;
	return workload_read_extents(combing->filesystem, growing->inode, from,
				     take_extent, combing);
}

static int take_batch(struct combing *combing)
{
	const struct workload_block_group *home = combing->home;
	uint64_t from = combing->teeth.size;
	uint64_t pieces = 1;
	int ret = 0;

	if (home && workload_comb_lacks(home, &combing->wish))
		pieces += 2 * (combing->wish.fragments - home->fragments);
	for (pieces = MIN(pieces, BATCH_MAX); !ret && pieces; pieces--)
		ret = grow(combing, &combing->teeth, WORKLOAD_PIECE);
	if (!ret)
		ret = take_extents(combing, NEW_TEETH, from);
	if (ret)
		return ret;
	workload_comb_decide(&combing->comb, &combing->wish);
	return combing->home ? 0 : complain_room(combing);
}

/*
 * Fills what is before the next block group that lacks fragments: by large
 * plugs until one does not fit in any more, then by the smallest.
 */
static int plug(struct combing *combing)
{
	uint64_t size = PLUG_SIZE;
	int ret;

	for (;;) {
		uint64_t from = combing->plug.size;

		ret = grow(combing, &combing->plug, size);
		if (!ret)
			ret = take_extents(combing, PLUG, from);
		if (!ret && !combing->home)
			ret = complain_room(combing);
		if (ret)
			return ret;
		if (!workload_comb_lacks(combing->home, &combing->wish))
			continue;
		if (size == WORKLOAD_PIECE)
			return 0;
		size = WORKLOAD_PIECE;
	}
}

static int take_pieces(struct combing *combing)
{
	int ret = 0;

	while (!ret && lacking(combing)) {
		ret = take_batch(combing);
		if (!ret && lacking(combing) &&
		    !workload_comb_lacks(combing->home, &combing->wish))
			ret = plug(combing);
	}
	return ret;
}

static int punch(const struct combing *combing, uint64_t offset,
		 uint64_t length)
{
	if (!length ||
	    !fallocate(combing->teeth.fd,
		       FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length))
		return 0;
	return complain_comb(combing, -errno);
}

static bool is_late(const struct workload_piece *piece)
{
	return piece->start / (2 * WORKLOAD_PIECE) % LATE_EVERY == 0;
}

/* Those that follow each other in the comb are given back by one call. */
static int give_back_some(const struct combing *combing, bool late)
{
	const struct workload_comb *comb = &combing->comb;
	uint64_t offset = 0, length = 0;
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < comb->num_pieces; i++) {
		const struct workload_piece *piece = &comb->pieces[i];

		if (!piece->surplus || is_late(piece) != late)
			continue;
		if (piece->offset != offset + length) {
			ret = punch(combing, offset, length);
			offset = piece->offset;
			length = 0;
		}
		length += WORKLOAD_PIECE;
	}
	return ret ? ret : punch(combing, offset, length);
}

/*
 * A cache lists what its own commit frees extent by extent, and has bitmaps only
 * of what was free before. So it is written twice.
 */
static int give_back(const struct combing *combing)
{
	int ret = give_back_some(combing, false);

	if (!ret)
		ret = workload_filesystem_sync(combing->filesystem);
	if (!ret)
		ret = give_back_some(combing, true);
	return ret;
}

/*
 * The allocator puts files into what fill leaves free, as long as one fits. Where
 * fragments are wanted, files beyond the number are removed.
 */
static int remove_surplus_files(struct combing *combing)
{
	struct workload_plan *plan = combing->plan;
	size_t i;

	for (i = plan->num_files; i--;) {
		struct workload_block_group *group = plan->files[i].group;
		char name[24];

		if (!group || !workload_comb_lacks(group, &combing->wish) ||
		    group->files == combing->wish.files)
			continue;
		workload_file_name(plan->files[i].number, name);
		if (unlinkat(combing->filesystem->folder, name, 0))
			return complain_comb(combing, -errno);
		group->files--;
	}
	return 0;
}

/* Also counts the fragments that are there. */
static int read_all(struct combing *combing)
{
	int ret;

	workload_comb_free(&combing->comb);
	ret = workload_filesystem_sync(combing->filesystem);
	if (!ret)
		ret = workload_read(combing->filesystem, combing->plan);
	if (!ret)
		ret = take_extents(combing, OLD_TEETH, 0);
	combing->home = NULL;
	if (!ret)
		workload_comb_decide(&combing->comb, &combing->wish);
	return ret;
}

static int make_fragments(struct combing *combing)
{
	uint64_t size = combing->teeth.size;
	int ret;

	ret = remove_surplus_files(combing);
	if (!ret)
		ret = read_all(combing);
	if (ret)
		return ret;
	ret = take_pieces(combing);
	if (ret && ftruncate(combing->teeth.fd, size))
		complain_comb(combing, -errno);
	return ret ? ret : give_back(combing);
}

/* See in the trees that all came out as decided, once the plug is gone. */
static int verify(struct combing *combing)
{
	const struct workload_block_group *group;
	int ret;

	close(combing->plug.fd);
	ret = read_all(combing);
	if (ret)
		return ret;
	group = lacking(combing);
	if (!group)
		return 0;
	return workload_complain(-EAGAIN,
				 "%s: the block group at %" PRIu64 " came to have %" PRIu64
				 " of %" PRIu64 " fragments: let nothing else use the filesystem, and fill again",
				 combing->options->path, group->start,
				 group->fragments, combing->wish.fragments);
}

/* Give each full block group its fragments; the plan stays up to date. */
int workload_make_fragments(const struct workload_filesystem *filesystem,
			    const struct workload_options *options,
			    struct workload_plan *plan)
{
	struct combing combing = {
		.options = options, .filesystem = filesystem, .plan = plan,
		.wish.fragments = options->fragments,
		.wish.files = options->files_per_block_group,
	};
	int ret;

	ret = open_growing(&combing, &combing.teeth, COMB, O_CREAT);
	if (!ret)
		ret = open_growing(&combing, &combing.plug, ".", O_TMPFILE);
	if (!ret)
		ret = read_all(&combing);
	if (!ret && lacking(&combing)) {
		ret = make_fragments(&combing);
		if (!ret)
			ret = verify(&combing);
	}
	workload_comb_free(&combing.comb);
	return ret;
}
