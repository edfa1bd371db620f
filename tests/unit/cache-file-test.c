// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of how a cache file is set up: the real src/cache-file.c, in user space.
 *
 * Each function of btrfs that it calls leaves a letter, so that a test says which
 * steps are taken and in what order, and each can be told to fail. Whatever fails, the
 * file must be put, the path released, the reservation's changeset freed, no lock
 * held, the state changed only under the lock, and no file called set up that is not:
 * check() looks at that after every call.
 *
 * test: limit=120
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache-file.h"
#include "mount.h"
#include "fit.h"
#include "tap.h"

#define TRANSID		7
#define HERE		(300 * SZ_1M)
#define WHOLE_SIZE	262144
#define FIT_SIZE	8192

static struct extent_changeset { int unused; } changeset;
static struct btrfs_ordered_extent extent;

static struct btrfs_fs_info fs_info;
static struct btrfs_transaction transaction;
static struct btrfs_trans_handle trans;
static struct btrfs_block_group group;
static struct btrfs_path path;
static struct inode file;
static struct twostage_pass pass;
static struct twostage_mount mount;

struct test {
	const char *name;
	void (*run)(void);	/* instead of the one call that the rest describes */

	/* Before it, unless said: fit, and a file of WHOLE_SIZE of the commit before. */
	bool no_option, whole, read_only, unknown, no_file, empty;
	bool ours;		/* the file was set up in this transaction */
	bool puts_off, invalid;	/* settle has it put off; its cache is invalid already */
	loff_t size;		/* of the file */
	loff_t bytes;		/* it has, if they are not as many */
	u64 length;		/* of the block group, if it is not 1 GiB */
	int aborted;
	char fails;		/* which step fails, */
	int error;		/* and how */
	int second_lookup;	/* the error of looking up a file that was created */
	loff_t lost;		/* of the file's bytes, where replacing failed */
	bool aborts;		/* an allocation that fails aborts */

	/* After it */
	const char *steps;
	enum btrfs_disk_cache_state state;
	loff_t leaves;		/* the file's size */
};

static const struct test *test;	/* the one that runs */

/* What the surroundings do, and what has become of them. */
static struct {
	bool exists;		/* the file */
	int error[128];		/* of a step, by its letter */
	char steps[32];
	int references;		/* to the file, or its ordered extent */
	bool extents;		/* there is one */
	bool path_held;
	int changesets;
	int aborted;
	int counted;
	int outgrown;
	int invalidated;
	u64 size;
	int state;		/* the block group's, and its generation, when its */
	u64 generation;		/* lock was dropped last */
} mock;

static int step(char letter)
{
	size_t length = strlen(mock.steps);

	expect(!group.lock.held, "a call that may sleep, under the lock");
	if (length + 1 < sizeof(mock.steps))
		mock.steps[length] = letter;
	return mock.error[(int)letter];
}

static void expect_state_unchanged(void)
{
	expect(mock.state == group.disk_cache_state &&
		       mock.generation == group.cache_generation,
	       "a state changes without the lock");
}

void spin_lock(spinlock_t *lock)
{
	expect(lock == &group.lock && !lock->held, "a lock is taken twice");
	expect_state_unchanged();
	lock->held = true;
}

void spin_unlock(spinlock_t *lock)
{
	expect(lock->held, "a lock is dropped that is not held");
	mock.state = group.disk_cache_state;
	mock.generation = group.cache_generation;
	lock->held = false;
}

struct inode *lookup_free_space_inode(struct btrfs_block_group *of,
				      struct btrfs_path *with)
{
	int error = step('l');

	mock.path_held = true;
	if (!error && !mock.exists)
		error = -ENOENT;
	if (!error && strchr(mock.steps, 'c'))
		error = test->second_lookup;
	if (error)
		return ERR_PTR(error);
	mock.references++;
	return &file;
}

int create_free_space_inode(struct btrfs_trans_handle *handle,
			    struct btrfs_block_group *of, struct btrfs_path *with)
{
	int error = step('c');

	expect(of == &group && handle == &trans, "another's file is created");
	if (!error)
		mock.exists = true;
	return error;
}

int btrfs_update_inode(struct btrfs_trans_handle *handle, struct inode *inode)
{
	expect(inode == &file && !inode->generation, "a file is left valid");
	return step('u');
}

void btrfs_abort_transaction(struct btrfs_trans_handle *handle, int error)
{
	mock.aborted = error;
}

int btrfs_check_trunc_cache_free_space(struct btrfs_fs_info *of,
				       struct btrfs_block_rsv *reservation)
{
	expect(reservation == &fs_info.global_block_rsv, "another reservation");
	return step('k');
}

int btrfs_truncate_free_space_cache(struct btrfs_trans_handle *handle,
				    struct btrfs_block_group *none,
				    struct inode *inode)
{
	int error = step('e');

	expect(!none, "it would be removed as if the block group were");
	expect(!TRANS_ABORTED(handle), "emptied after an abort");
	if (error)
		return error;
	inode->size = 0;
	inode->bytes = test->lost;
	return 0;
}

u64 twostage_cache_file_size(struct btrfs_trans_handle *handle,
			     struct btrfs_block_group *of, bool fit)
{
	step('z');
	return fit ? FIT_SIZE : WHOLE_SIZE;
}

int btrfs_check_data_free_space(struct inode *inode,
				struct extent_changeset **reserved, u64 start,
				u64 length, bool noflush)
{
	expect(!start && !noflush, "reserved otherwise");
	mock.size = length;
	*reserved = &changeset;
	mock.changesets++;
	return step('r');
}

int btrfs_prealloc_file_range_trans(struct inode *inode,
				    struct btrfs_trans_handle *handle, int mode,
				    u64 start, u64 num_bytes, u64 min_size,
				    loff_t actual_len, u64 *hint)
{
	int error = step('p');

	expect(!mode && !start && min_size == num_bytes &&
		       (u64)actual_len == num_bytes && num_bytes == mock.size,
	       "not in one extent, of the size that was reserved");
	expect(inode->bytes == 0 || inode->bytes == actual_len,
	       "allocated beside what it had");
	expect(inode->size == inode->bytes, "allocated without being emptied");
	if (test->aborts)
		handle->transaction->aborted = error;
	if (error)
		return error;
	inode->size = inode->bytes = actual_len;
	*hint = (*hint ?: HERE) + num_bytes;
	return 0;
}

void extent_changeset_free(struct extent_changeset *freed)
{
	mock.changesets -= freed == &changeset;
}

void btrfs_release_path(struct btrfs_path *released)
{
	mock.path_held = false;
}

void iput(struct inode *inode)
{
	expect(inode == &file, "another file is put");
	mock.references--;
}

void btrfs_err(struct btrfs_fs_info *of, const char *format, ...)
{
	step('!');
}

void twostage_cache_set_up(struct btrfs_block_group *of)
{
	expect(of == &group, "another block group is counted");
	mock.counted++;
}

bool twostage_puts_off(struct btrfs_trans_handle *handle, struct twostage_mount *of,
		       struct btrfs_block_group *group_of)
{
	return test->puts_off;
}

void twostage_cache_invalidated(struct btrfs_trans_handle *handle, struct twostage_mount *of,
				const struct btrfs_block_group *group_of)
{
	expect(of == &mount && group_of == &group, "another cache is counted");
	mock.invalidated++;
}

void twostage_cache_outgrown(struct twostage_mount *of)
{
	expect(of == &mount, "counted for another mount");
	mock.outgrown++;
}

struct btrfs_ordered_extent *
btrfs_lookup_ordered_range(struct inode *inode, u64 offset, u64 length)
{
	expect(inode == &file && !offset && length == inode->size,
	       "looked at a part of the file");
	return mock.extents ? mock.references++, &extent : NULL;
}

void btrfs_put_ordered_extent(struct btrfs_ordered_extent *put)
{
	expect(put == &extent, "another extent is put");
	mock.references--;
}

static void begin(void)
{
	loff_t size = test->no_file || test->empty ? 0 : test->size ?: WHOLE_SIZE;

	memset(&mock, 0, sizeof(mock));
	mock.exists = !test->no_file;
	mock.error[(int)test->fails] = test->error;
	fs_info = (struct btrfs_fs_info){ .SPACE_CACHE = !test->no_option };
	transaction = (struct btrfs_transaction){ .aborted = test->aborted };
	trans = (struct btrfs_trans_handle){ .fs_info = &fs_info,
					     .transaction = &transaction,
					     .transid = TRANSID };
	group = (struct btrfs_block_group){
		.fs_info = &fs_info,
		.length = test->length ?: 1024 * SZ_1M,
		.ro = test->read_only,
		.cached = test->unknown ? BTRFS_CACHE_STARTED : BTRFS_CACHE_FINISHED,
		.cache_generation = test->ours ? TRANSID : TRANSID - 1,
		.disk_cache_state = BTRFS_DC_CLEAR,
	};
	file = (struct inode){ .size = size, .bytes = test->bytes ?: size,
			       .generation = test->invalid ? 0 : TRANSID - 1 };
	pass = (struct twostage_pass){ .search_from = 0 };
	memset(&mount, 0, sizeof(mount));
	mount.pass = &pass;
	mount.active.fit = !test->whole;
}

typedef void set_up_function(struct btrfs_trans_handle *, struct twostage_mount *,
			     struct btrfs_block_group *, struct btrfs_path *);

/* Whether a call takes these steps, to that state, and leaves all as it must be. */
static void check(set_up_function *call, const char *steps,
		  enum btrfs_disk_cache_state state)
{
	memset(mock.steps, 0, sizeof(mock.steps));
	mock.counted = mock.outgrown = 0;
	mock.state = group.disk_cache_state;
	mock.generation = group.cache_generation;
	call(&trans, &mount, &group, &path);
	expect(!strcmp(mock.steps, steps), mock.steps);
	expect(group.disk_cache_state == state, "another state");
	expect_state_unchanged();
	expect(mock.counted == !test->puts_off, "not counted, or twice");
	expect(mock.outgrown == (call == twostage_set_up_larger_cache),
	       "a larger file is not counted, or another is");
	expect(!group.lock.held, "the lock is held");
	expect(!mock.references, "a file is not put, or twice");
	expect(!mock.path_held, "the path is not released");
	expect(!mock.changesets, "what was reserved is not freed, or twice");
	expect(state != BTRFS_DC_SETUP || (file.size && !file.generation &&
					   group.cache_generation == TRANSID),
	       "a file is said to be set up that is not");
}

static void set_up(const char *steps, enum btrfs_disk_cache_state state)
{
	check(twostage_set_up_cache, steps, state);
}

static void set_up_larger(const char *steps, enum btrfs_disk_cache_state state)
{
	check(twostage_set_up_larger_cache, steps, state);
}

static void run_described(void)
{
	bool no_space = test->fails == 'p' && test->error == -ENOSPC;
	bool invalid = test->invalid || strchr(test->steps, 'u');
	bool aborts = test->fails == 'u' || test->fails == 'l';
	u64 generation;

	generation = test->state == BTRFS_DC_SETUP ? TRANSID : group.cache_generation;
	set_up(test->steps, test->state);
	expect(group.cache_generation == generation, "the cache's generation is wrong");
	expect(file.generation == (invalid ? 0 : TRANSID - 1),
	       "the file's generation is wrong");
	expect(file.size == test->leaves, "the file's size is wrong");
	expect(file.bytes == test->leaves, "the file has more or less bytes than that");
	expect(mock.aborted == (aborts ? test->error : 0),
	       "aborted without need, or not");
	expect(mock.invalidated == (test->puts_off && !aborts && strchr(test->steps, 'u')),
	       "an invalidated cache is not counted, or another is");
	expect(mount.commit.no_space_for == (no_space ? mock.size : 0),
	       "no space is remembered without need, or not");
}

static void no_space_is_remembered(void)
{
	mock.error['p'] = -ENOSPC;
	set_up("luzkerp", BTRFS_DC_ERROR);
	mock.error['p'] = 0;
	set_up("luz", BTRFS_DC_ERROR);
	mount.active.fit = false;
	set_up("luz", BTRFS_DC_ERROR);
	mount.commit.no_space_for = 0;
	set_up("luzrp", BTRFS_DC_SETUP);
}

static void smaller_file_finds_space(void)
{
	mock.error['p'] = -ENOSPC;
	set_up("luzkrpke", BTRFS_DC_ERROR);
	mount.active.fit = true;
	set_up("luzrp", BTRFS_DC_ERROR);
	expect(mount.commit.no_space_for == FIT_SIZE, "the smaller size is not remembered");
	mock.error['p'] = 0;
	set_up("luz", BTRFS_DC_ERROR);
}

static void searches_on(void)
{
	set_up("luzkerp", BTRFS_DC_SETUP);
	expect(pass.search_from == HERE + FIT_SIZE, "the first file is elsewhere");
	group.cache_generation = 0;
	set_up("luzkrp", BTRFS_DC_SETUP);
	expect(pass.search_from == HERE + 2 * FIT_SIZE, "the next file is elsewhere");
}

static void larger_file(void)
{
	set_up("luzkerp", BTRFS_DC_SETUP);
	set_up_larger("luzkerp", BTRFS_DC_SETUP);
	expect(file.size == WHOLE_SIZE, "the file is no larger");
}

static void no_larger_file(void)
{
	set_up("luzkerp", BTRFS_DC_SETUP);
	mock.error['p'] = -ENOSPC;
	set_up_larger("luzkerp", BTRFS_DC_ERROR);
}

static void no_larger_file_anywhere(void)
{
	mount.commit.no_space_for = WHOLE_SIZE;
	set_up_larger("luzke", BTRFS_DC_ERROR);
}

static void complete_without_extents(void)
{
	group.io_ctl.inode = &file;
	expect(twostage_cache_is_complete(&group), "incomplete without extents");
	mock.extents = true;
	expect(!twostage_cache_is_complete(&group), "complete with extents");
	expect(!mock.references, "an extent is not put");
}

static const struct test tests[] = {
	{ "a cache file is made invalid, emptied and allocated anew",
	  .steps = "luzkerp", .state = BTRFS_DC_SETUP, .leaves = FIT_SIZE },
	{ "without fit it gets its stock size", .whole = true, .size = FIT_SIZE,
	  .steps = "luzkerp", .state = BTRFS_DC_SETUP, .leaves = WHOLE_SIZE },
	{ "a file that keeps its size has its extent replaced", .size = FIT_SIZE,
	  .steps = "luzkrp", .state = BTRFS_DC_SETUP, .leaves = FIT_SIZE },
	{ "a file that keeps its stock size has its extent replaced", .whole = true,
	  .steps = "luzkrp", .state = BTRFS_DC_SETUP, .leaves = WHOLE_SIZE },
	{ "a file with more bytes than its size is emptied",
	  .size = FIT_SIZE, .bytes = FIT_SIZE + 4096,
	  .steps = "luzkerp", .state = BTRFS_DC_SETUP, .leaves = FIT_SIZE },
	{ "a file is emptied when there is no space to replace its extent",
	  .size = FIT_SIZE, .fails = 'p', .error = -ENOSPC,
	  .steps = "luzkrpke", .state = BTRFS_DC_ERROR },
	{ "a file is emptied when space to replace its extent cannot be reserved",
	  .size = FIT_SIZE, .fails = 'r', .error = -EIO,
	  .steps = "luzkrke", .state = BTRFS_DC_ERROR },
	{ "a file stays when neither replacing nor emptying is possible",
	  .size = FIT_SIZE, .fails = 'k', .error = -ENOSPC,
	  .steps = "luzk", .state = BTRFS_DC_ERROR, .leaves = FIT_SIZE },
	{ "what a file lost when its extent was half replaced is not counted",
	  .size = FIT_SIZE, .fails = 'p', .error = -EIO, .lost = FIT_SIZE,
	  .steps = "luzkrpkeu", .state = BTRFS_DC_ERROR },
	{ "a file is not emptied when replacing its extent aborted",
	  .size = FIT_SIZE, .fails = 'p', .error = -EIO, .aborts = true,
	  .steps = "luzkrp", .state = BTRFS_DC_ERROR, .leaves = FIT_SIZE },

	{ "a block group without a file gets one", .no_file = true,
	  .steps = "lcluzrp", .state = BTRFS_DC_SETUP, .leaves = FIT_SIZE },
	{ "a read-only block group without a file gets none",
	  .no_file = true, .read_only = true, .steps = "l", .state = BTRFS_DC_ERROR },
	{ "a read-only block group with a file has it set up", .read_only = true,
	  .steps = "luzkerp", .state = BTRFS_DC_SETUP, .leaves = FIT_SIZE },
	{ "a file that is not found after it was created is no cache",
	  .no_file = true, .second_lookup = -ENOENT,
	  .steps = "lcl!", .state = BTRFS_DC_ERROR },
	{ "a file that cannot be created is no cache",
	  .no_file = true, .fails = 'c', .error = -ENOSPC,
	  .steps = "lc", .state = BTRFS_DC_ERROR },
	{ "a file that cannot be looked up aborts the transaction", .fails = 'l', .error = -EIO,
	  .steps = "l!", .state = BTRFS_DC_ERROR, .leaves = WHOLE_SIZE },

	{ "a cache that is put off is made invalid", .puts_off = true,
	  .steps = "lu", .state = BTRFS_DC_CLEAR, .leaves = WHOLE_SIZE },
	{ "an invalid cache that is put off is left alone", .puts_off = true, .invalid = true,
	  .steps = "l", .state = BTRFS_DC_CLEAR, .leaves = WHOLE_SIZE },
	{ "a block group that is put off gets no file", .puts_off = true, .no_file = true,
	  .steps = "l", .state = BTRFS_DC_CLEAR },
	{ "a cache that cannot be looked up to be made invalid aborts", .puts_off = true,
	  .fails = 'l', .error = -EIO,
	  .steps = "l!", .state = BTRFS_DC_CLEAR, .leaves = WHOLE_SIZE },
	{ "a cache that cannot be made invalid aborts", .puts_off = true,
	  .fails = 'u', .error = -EIO,
	  .steps = "lu", .state = BTRFS_DC_CLEAR, .leaves = WHOLE_SIZE },

	{ "nothing is done where the v1 cache is not in use", .no_option = true,
	  .steps = "", .state = BTRFS_DC_CLEAR, .leaves = WHOLE_SIZE },
	{ "a block group below 100 MiB needs no cache", .length = 100 * SZ_1M - 4096,
	  .steps = "", .state = BTRFS_DC_WRITTEN, .leaves = WHOLE_SIZE },
	{ "a block group of 100 MiB needs a cache", .length = 100 * SZ_1M,
	  .steps = "luzkerp", .state = BTRFS_DC_SETUP, .leaves = FIT_SIZE },
	{ "after an abort no state changes", .aborted = -EIO,
	  .steps = "", .state = BTRFS_DC_CLEAR, .leaves = WHOLE_SIZE },
	{ "after an abort a small block group still needs no cache",
	  .aborted = -EIO, .length = 8 * SZ_1M,
	  .steps = "", .state = BTRFS_DC_WRITTEN, .leaves = WHOLE_SIZE },
	{ "a file that cannot be made invalid aborts the transaction",
	  .fails = 'u', .error = -EIO,
	  .steps = "lu", .state = BTRFS_DC_ERROR, .leaves = WHOLE_SIZE },

	{ "a file that was set up in this transaction is kept",
	  .ours = true, .size = FIT_SIZE,
	  .steps = "lu", .state = BTRFS_DC_SETUP, .leaves = FIT_SIZE },
	{ "an empty file of this transaction is allocated", .ours = true, .empty = true,
	  .steps = "luzrp", .state = BTRFS_DC_SETUP, .leaves = FIT_SIZE },
	{ "a file that may not be emptied is no cache", .fails = 'k', .error = -ENOSPC,
	  .steps = "luzk", .state = BTRFS_DC_ERROR, .leaves = WHOLE_SIZE },
	{ "a file that cannot be emptied is no cache", .fails = 'e', .error = -ENOSPC,
	  .steps = "luzke", .state = BTRFS_DC_ERROR, .leaves = WHOLE_SIZE },
	{ "a block group whose free space is unknown has its file emptied",
	  .unknown = true, .steps = "luke", .state = BTRFS_DC_WRITTEN },
	{ "if that fails it has no cache",
	  .unknown = true, .fails = 'e', .error = -EIO,
	  .steps = "luke", .state = BTRFS_DC_ERROR, .leaves = WHOLE_SIZE },

	{ "no space for a file leaves the block group without a cache",
	  .fails = 'p', .error = -ENOSPC, .steps = "luzkerp", .state = BTRFS_DC_ERROR },
	{ "no space for one file is none for those as large, in this transaction",
	  .run = no_space_is_remembered },
	{ "a smaller file may find space where a larger one did not", .whole = true,
	  .run = smaller_file_finds_space },
	{ "another error of the allocation says nothing about the next file",
	  .fails = 'p', .error = -EIO, .steps = "luzkerp", .state = BTRFS_DC_ERROR },
	{ "a reservation that fails says nothing about the next file",
	  .fails = 'r', .error = -ENOSPC, .steps = "luzker", .state = BTRFS_DC_ERROR },
	{ "each file of a pass is looked for behind the last", .run = searches_on },
	{ "an outgrown cache gets a file of stock size", .run = larger_file },
	{ "a larger file that finds no space is no cache", .run = no_larger_file },
	{ "where there is no space the old file is only emptied",
	  .ours = true, .run = no_larger_file_anywhere },
	{ "a cache is complete when no part of its file is in flight",
	  .run = complete_without_extents },
};

int main(void)
{
	tap_plan(COUNT(tests));
	for (test = tests; test < tests + COUNT(tests); test++) {
		begin();
		if (test->run)
			test->run();
		else
			run_described();
		tap_result(test->name);
	}
	return tap_exit_status();
}
