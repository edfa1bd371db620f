// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of how a cache file is set up: the real src/cache-file.c, in user space.
 *
 * Each function of btrfs that it calls leaves a letter, so that a test says which
 * steps are taken and in what order, and each can be told to fail. What must hold
 * whatever fails: the file is put, the path released, what was noted of the
 * reservation freed, no lock held, the state changed under the lock and no file
 * said to be set up that is not.
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

static struct extent_changeset {
	int unused;
} changeset;

static struct btrfs_fs_info fs_info;
static struct btrfs_transaction transaction;
static struct btrfs_trans_handle trans;
static struct btrfs_block_group group;
static struct btrfs_path path;
static struct inode file;
static struct twostage_pass pass;
static struct twostage_mount mount;

/* What the surroundings do, and what has become of them. */
static struct {
	bool exists;		/* the file */
	int error[128];		/* of a step, by its letter */
	int lookup_error;	/* of a file that was created */
	char steps[32];
	int references;		/* of the file, or its ordered extent */
	bool extents;		/* there is one */
	bool path_held;
	int changesets;
	int aborted;
	int counted;
	int outgrown;
	u64 size;
	loff_t lost;		/* of the file's bytes, where replacing failed */
	bool aborts;		/* so does that */
	int state;		/* of the block group, and its generation, when its */
	u64 generation;		/* lock was given back last */
	bool broken;
} mock;

static void expect(bool condition, const char *what)
{
	if (condition)
		return;
	printf("# %s\n", what);
	mock.broken = true;
}

static int step(char letter)
{
	size_t length = strlen(mock.steps);

	expect(!group.lock.held, "a call that may sleep, under the lock");
	if (length + 1 < sizeof(mock.steps))
		mock.steps[length] = letter;
	return mock.error[(int)letter];
}

static void remember_state(void)
{
	mock.state = group.disk_cache_state;
	mock.generation = group.cache_generation;
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
	expect(lock->held, "a lock is given back that is not held");
	remember_state();
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
		error = mock.lookup_error;
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
	inode->bytes = mock.lost;
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
	if (mock.aborts)
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

void twostage_cache_outgrown(struct twostage_mount *of)
{
	expect(of == &mount, "counted for another mount");
	mock.outgrown++;
}

static struct btrfs_ordered_extent extent;

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

/* A block group whose cache was written by the transaction before. */
static void begin(void)
{
	memset(&mock, 0, sizeof(mock));
	mock.exists = true;
	fs_info = (struct btrfs_fs_info){ .SPACE_CACHE = true };
	transaction = (struct btrfs_transaction){ .flags = 0 };
	trans = (struct btrfs_trans_handle){ .fs_info = &fs_info,
					     .transaction = &transaction,
					     .transid = TRANSID };
	group = (struct btrfs_block_group){ .fs_info = &fs_info,
					    .length = 1024 * SZ_1M,
					    .cached = BTRFS_CACHE_FINISHED,
					    .cache_generation = TRANSID - 1,
					    .disk_cache_state = BTRFS_DC_CLEAR };
	file = (struct inode){ .size = WHOLE_SIZE, .bytes = WHOLE_SIZE,
			       .generation = TRANSID - 1 };
	pass = (struct twostage_pass){ .search_from = 0 };
	memset(&mount, 0, sizeof(mount));
	mount.pass = &pass;
	mount.active.fit = true;
}

/* What holds after every call. */
static bool is_sound(void)
{
	expect(!group.lock.held, "the lock is held");
	expect_state_unchanged();
	expect(!mock.references, "a file is not put, or twice");
	expect(!mock.path_held, "the path is not released");
	expect(!mock.changesets, "what was reserved is not freed, or twice");
	expect(group.disk_cache_state != BTRFS_DC_SETUP ||
		       (file.size && !file.generation &&
			group.cache_generation == TRANSID),
	       "a file is said to be set up that is not");
	return !mock.broken;
}

/* Whether a call takes these steps, to that state. */
static bool goes(const char *steps, enum btrfs_disk_cache_state state)
{
	memset(mock.steps, 0, sizeof(mock.steps));
	mock.counted = 0;
	remember_state();
	twostage_set_up_cache(&trans, &mount, &group, &path);
	if (strcmp(mock.steps, steps))
		printf("# steps %s, expected %s\n", mock.steps, steps);
	if (group.disk_cache_state != state)
		printf("# state %d, expected %d\n", group.disk_cache_state, state);
	return is_sound() && !strcmp(mock.steps, steps) &&
	       group.disk_cache_state == state && mock.counted == 1;
}

/* The same where one step fails. */
static bool fails(char letter, int error, const char *steps)
{
	begin();
	mock.error[(int)letter] = error;
	return goes(steps, BTRFS_DC_ERROR) && group.cache_generation == TRANSID - 1;
}

static bool is_emptied_and_allocated(void)
{
	return goes("luzkerp", BTRFS_DC_SETUP) && file.size == FIT_SIZE;
}

static bool has_stocks_size(void)
{
	mount.active.fit = false;
	file.size = file.bytes = FIT_SIZE;
	return goes("luzkerp", BTRFS_DC_SETUP) && file.size == WHOLE_SIZE;
}

static bool same_size_is_replaced(void)
{
	mount.active.fit = false;
	if (!goes("luzkrp", BTRFS_DC_SETUP))
		return false;
	begin();
	file.size = file.bytes = FIT_SIZE;
	return goes("luzkrp", BTRFS_DC_SETUP);
}

static bool more_than_its_size_is_emptied(void)
{
	file.size = FIT_SIZE;
	file.bytes = FIT_SIZE + 4096;
	return goes("luzkerp", BTRFS_DC_SETUP);
}

static bool not_replaced_is_emptied(void)
{
	file.size = file.bytes = FIT_SIZE;
	mock.error['p'] = -ENOSPC;
	if (!goes("luzkrpke", BTRFS_DC_ERROR) || file.size)
		return false;
	begin();
	file.size = file.bytes = FIT_SIZE;
	mock.error['r'] = -EIO;
	if (!goes("luzkrke", BTRFS_DC_ERROR) || file.size)
		return false;
	begin();
	file.size = file.bytes = FIT_SIZE;
	mock.error['k'] = -ENOSPC;
	return goes("luzk", BTRFS_DC_ERROR) && file.size == FIT_SIZE;
}

static bool half_replaced_is_not_counted(void)
{
	file.size = file.bytes = FIT_SIZE;
	mock.error['p'] = -EIO;
	mock.lost = FIT_SIZE;
	if (!goes("luzkrpkeu", BTRFS_DC_ERROR) || file.size || file.bytes)
		return false;
	begin();
	file.size = file.bytes = FIT_SIZE;
	mock.error['p'] = -EIO;
	mock.aborts = true;
	return goes("luzkrp", BTRFS_DC_ERROR);
}

static bool is_created(void)
{
	mock.exists = false;
	file.size = file.bytes = 0;
	return goes("lcluzrp", BTRFS_DC_SETUP);
}

static bool none_for_read_only(void)
{
	bool with;

	mock.exists = false;
	group.ro = true;
	if (!goes("l", BTRFS_DC_ERROR))
		return false;
	begin();
	group.ro = true;
	with = goes("luzkerp", BTRFS_DC_SETUP);
	return with;
}

static bool not_found_again(void)
{
	mock.exists = false;
	mock.lookup_error = -ENOENT;
	return goes("lcl!", BTRFS_DC_ERROR);
}

static bool is_not_created(void)
{
	mock.exists = false;
	mock.error['c'] = -ENOSPC;
	return goes("lc", BTRFS_DC_ERROR);
}

static bool lookup_fails(void)
{
	return fails('l', -EIO, "l");
}

static bool not_without_the_option(void)
{
	fs_info.SPACE_CACHE = false;
	return goes("", BTRFS_DC_CLEAR) && file.generation == TRANSID - 1;
}

static bool not_below_100_mib(void)
{
	group.length = 100 * SZ_1M - 4096;
	if (!goes("", BTRFS_DC_WRITTEN))
		return false;
	begin();
	group.length = 100 * SZ_1M;
	return goes("luzkerp", BTRFS_DC_SETUP);
}

static bool not_after_an_abort(void)
{
	transaction.aborted = -EIO;
	return goes("", BTRFS_DC_CLEAR);
}

static bool small_after_an_abort(void)
{
	transaction.aborted = -EIO;
	group.length = 8 * SZ_1M;
	return goes("", BTRFS_DC_WRITTEN);
}

static bool cannot_be_invalidated(void)
{
	return fails('u', -EIO, "lu") && mock.aborted == -EIO;
}

static bool is_kept(void)
{
	group.cache_generation = TRANSID;
	file.size = file.bytes = FIT_SIZE;
	return goes("lu", BTRFS_DC_SETUP) && file.size == FIT_SIZE;
}

static bool nothing_to_keep(void)
{
	group.cache_generation = TRANSID;
	file.size = file.bytes = 0;
	return goes("luzrp", BTRFS_DC_SETUP);
}

static bool cannot_be_emptied(void)
{
	return fails('k', -ENOSPC, "luzk") && file.size == WHOLE_SIZE &&
	       fails('e', -ENOSPC, "luzke") && file.size == WHOLE_SIZE &&
	       !transaction.flags && !mock.aborted;
}

static bool contents_unknown(void)
{
	group.cached = BTRFS_CACHE_STARTED;
	if (!goes("luke", BTRFS_DC_WRITTEN) || file.size)
		return false;
	begin();
	group.cached = BTRFS_CACHE_STARTED;
	mock.error['e'] = -EIO;
	return goes("luke", BTRFS_DC_ERROR);
}

static bool no_space_is_remembered(void)
{
	if (!fails('p', -ENOSPC, "luzkerp") || mock.aborted)
		return false;
	mock.error['p'] = 0;
	if (!goes("luz", BTRFS_DC_ERROR))
		return false;
	transaction.flags = 0;
	return goes("luzrp", BTRFS_DC_SETUP);
}

static bool other_errors_are_not(void)
{
	return fails('p', -EIO, "luzkerp") && !transaction.flags &&
	       fails('r', -ENOSPC, "luzker") && !transaction.flags;
}

static bool searches_on(void)
{
	if (!goes("luzkerp", BTRFS_DC_SETUP) || pass.search_from != HERE + FIT_SIZE)
		return false;
	group.cache_generation = 0;
	return goes("luzkrp", BTRFS_DC_SETUP) &&
	       pass.search_from == HERE + 2 * FIT_SIZE;
}

static bool set_up_larger(void)
{
	memset(mock.steps, 0, sizeof(mock.steps));
	mock.counted = 0;
	remember_state();
	twostage_set_up_larger_cache(&trans, &mount, &group, &path);
	return is_sound() && mock.counted == 1 && mock.outgrown == 1;
}

static bool larger_file(void)
{
	return goes("luzkerp", BTRFS_DC_SETUP) && set_up_larger() &&
	       !strcmp(mock.steps, "luzkerp") && file.size == WHOLE_SIZE &&
	       group.disk_cache_state == BTRFS_DC_SETUP;
}

static bool no_larger_file(void)
{
	if (!goes("luzkerp", BTRFS_DC_SETUP))
		return false;
	mock.error['p'] = -ENOSPC;
	if (!set_up_larger() || group.disk_cache_state != BTRFS_DC_ERROR)
		return false;
	begin();
	group.cache_generation = TRANSID;
	transaction.flags = 1UL << BTRFS_TRANS_CACHE_ENOSPC;
	return set_up_larger() && !strcmp(mock.steps, "luzke") &&
	       group.disk_cache_state == BTRFS_DC_ERROR;
}

static bool complete_without_extents(void)
{
	group.io_ctl.inode = &file;
	if (!twostage_cache_is_complete(&group))
		return false;
	mock.extents = true;
	return !twostage_cache_is_complete(&group) && !mock.references &&
	       !mock.broken;
}

static const struct {
	const char *name;
	bool (*test)(void);
} tests[] = {
	{ "a cache file is made invalid, emptied and allocated anew",
	  is_emptied_and_allocated },
	{ "one that keeps its size has its extent replaced", same_size_is_replaced },
	{ "one that has more than that is emptied", more_than_its_size_is_emptied },
	{ "one whose extent is not replaced is emptied", not_replaced_is_emptied },
	{ "what was lost of one whose extent is half replaced is not counted",
	  half_replaced_is_not_counted },
	{ "without fit it has the distribution's size", has_stocks_size },
	{ "a block group without a file gets one", is_created },
	{ "a read-only block group without a file gets none", none_for_read_only },
	{ "a file that is not found after it was created is no cache",
	  not_found_again },
	{ "a file that cannot be created is no cache", is_not_created },
	{ "a file that cannot be looked up is no cache", lookup_fails },
	{ "where the v1 cache is not in use nothing is done", not_without_the_option },
	{ "a block group below 100 MiB needs no cache", not_below_100_mib },
	{ "after an abort no state changes", not_after_an_abort },
	{ "after an abort a small block group still needs none", small_after_an_abort },
	{ "a file that cannot be made invalid aborts the transaction",
	  cannot_be_invalidated },
	{ "a file that was set up in this transaction is kept", is_kept },
	{ "one of this transaction that is empty is allocated", nothing_to_keep },
	{ "a file that cannot be emptied is no cache", cannot_be_emptied },
	{ "a block group whose free space is unknown has its file emptied",
	  contents_unknown },
	{ "no space for one file is none for the rest of the transaction",
	  no_space_is_remembered },
	{ "another error says nothing of the next file", other_errors_are_not },
	{ "each file of a pass is looked for behind the last", searches_on },
	{ "a cache that outgrew its file gets one of the distribution's size",
	  larger_file },
	{ "a larger file that finds no space is no cache", no_larger_file },
	{ "a cache is complete when no part of its file is in flight",
	  complete_without_extents },
};

int main(void)
{
	size_t i;

	tap_plan(sizeof(tests) / sizeof(tests[0]));
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		begin();
		tap_result(tests[i].test(), tests[i].name);
	}
	return tap_exit_status();
}
