// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel and btrfs around the writeout engine, with their rules checked.
 *
 * What each call promises and may do follows btrfs of 6.1 to 7.3: which state it
 * leaves, when it dirties block groups, who inserts whose item. The engine reaches
 * lists only through the checked functions at the top; the mock itself uses the raw_
 * ones.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache-file.h"
#include "fit.h"
#include "writeout-mock.h"
#include "writeout.h"

#define check_group(group, condition, what, ...)			\
	mock_check(condition, "%c " what, (group)->name, ##__VA_ARGS__)

/* Those that exist, oldest first. A break would leave only the inner loop. */
#define for_each_group(group)						\
	for (int slot = 0; slot < mock.created; slot++)			\
		for (struct btrfs_block_group *group = mock.groups[slot]; \
		     group; group = NULL)

struct mock mock;
jmp_buf mock_give_up;
u64 mock_seed;

static struct btrfs_transaction *const transaction = &mock.transaction;

unsigned int mock_random(unsigned int below)
{
	mock_seed ^= mock_seed << 13;
	mock_seed ^= mock_seed >> 7;
	mock_seed ^= mock_seed << 17;
	return (unsigned int)(mock_seed >> 33) % below;
}

void mock_broken(const char *format, ...)
{
	va_list arguments;

	printf("# ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	printf("# calls:%s\n", mock.log_length ? mock.log : "");
	longjmp(mock_give_up, 1);
}

static void log_call(char what, const struct btrfs_block_group *group)
{
	if (mock.log_length + 4 > sizeof(mock.log))
		return;
	mock.log[mock.log_length++] = ' ';
	mock.log[mock.log_length++] = what;
	if (group)
		mock.log[mock.log_length++] = group->name;
	mock.log[mock.log_length] = 0;
}

static bool happens(enum mock_fault fault)
{
	struct mock_fault_plan *plan = &mock.faults[fault];

	if (plan->times && plan->after-- <= 0) {
		plan->times--;
		return true;
	}
	return plan->chance && mock_random(1000) < plan->chance;
}

static void let_others_run(enum mock_point point, struct btrfs_block_group *group)
{
	if (!mock.others || mock.others_run)
		return;
	mock.others_run = true;
	mock.others(point, group);
	mock.others_run = false;
}

/* Lists */

static bool raw_empty(const struct list_head *head)
{
	return head->next == head;
}

static void raw_init(struct list_head *head, enum mock_list_kind kind)
{
	head->next = head->prev = head;
	head->kind = kind;
}

static void raw_add_tail(struct list_head *entry, struct list_head *head)
{
	entry->prev = head->prev;
	entry->next = head;
	head->prev->next = entry;
	head->prev = entry;
}

static void raw_del(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
	raw_init(entry, entry->kind);
}

static struct btrfs_block_group *group_of(struct list_head *entry)
{
	if (entry->kind == MOCK_LIST_DIRTY)
		return container_of(entry, struct btrfs_block_group, dirty_list);
	return container_of(entry, struct btrfs_block_group, io_list);
}

static bool is_on_no_list(const struct btrfs_block_group *group)
{
	return raw_empty(&group->dirty_list) && raw_empty(&group->io_list);
}

/*
 * io_bgs needs the mutex in the early pass, a dirty list the spinlock. To look at its
 * own dirty list the early pass needs one of the two.
 */
static void check_locked(const struct list_head *list, bool look)
{
	bool spin = transaction->dirty_bgs_lock.held;
	bool mutex = transaction->cache_write_mutex.held;

	if (list->kind == MOCK_LIST_IO || list->kind == MOCK_LIST_IO_HEAD)
		mock_check(mock.phase != MOCK_EARLY || mutex,
			   "io_bgs used without cache_write_mutex");
	else if (list->kind == MOCK_LIST_LOCAL && look)
		mock_check(spin || mutex,
			   "the pass's own dirty list looked at without a lock");
	else
		mock_check(spin, "a dirty list used without dirty_bgs_lock");
}

bool list_empty(const struct list_head *head)
{
	check_locked(head, true);
	return raw_empty(head);
}

struct list_head *mock_list_first(const struct list_head *head)
{
	mock_check(!raw_empty(head), "the first of an empty list was taken");
	return mock_list_next(head);
}

struct list_head *mock_list_next(const struct list_head *position)
{
	check_locked(position, true);
	return position->next;
}

void list_add_tail(struct list_head *entry, struct list_head *head)
{
	struct btrfs_block_group *group = group_of(entry);
	bool dirty = entry->kind == MOCK_LIST_DIRTY;

	check_locked(head, false);
	check_group(group, raw_empty(entry), "was put on a list twice");
	check_group(group,
		    head->kind == (dirty ? MOCK_LIST_DIRTY_HEAD : MOCK_LIST_IO_HEAD),
		    "went to a list of the wrong kind");
	check_group(group, dirty || group->in_flight,
		    "is on io_bgs, but its cache is not in flight");
	mock.entries += dirty;
	raw_add_tail(entry, head);
}

void list_del_init(struct list_head *entry)
{
	struct btrfs_block_group *group = group_of(entry);

	check_locked(entry, false);
	check_group(group, !raw_empty(entry), "was taken off a list it was not on");
	if (entry->kind == MOCK_LIST_DIRTY) {
		group->taken = true;
		mock.entries--;
	}
	raw_del(entry);
}

void list_splice_init(struct list_head *from, struct list_head *to)
{
	struct list_head *first = from->next, *last = from->prev;

	check_locked(from, false);
	check_locked(to, false);
	if (raw_empty(from))
		return;
	first->prev = to;
	last->next = to->next;
	to->next->prev = last;
	to->next = first;
	raw_init(from, from->kind);
}

/* Locks and waiting */

static void check_may_sleep(void)
{
	mock_check(!transaction->dirty_bgs_lock.held, "slept under dirty_bgs_lock");
}

void spin_lock(spinlock_t *lock)
{
	mock_check(!lock->held, "a spinlock was taken twice");
	lock->held = true;
}

void spin_unlock(spinlock_t *lock)
{
	mock_check(lock->held, "a spinlock was dropped without being held");
	lock->held = false;
	let_others_run(MOCK_AT_SPIN, NULL);
}

void mutex_lock(struct mutex *mutex)
{
	check_may_sleep();
	mock_check(!mutex->held, "a mutex was taken twice");
	let_others_run(MOCK_AT_MUTEX, NULL);
	mutex->held = true;
	mock.mutex_taken++;
}

void mutex_unlock(struct mutex *mutex)
{
	mock_check(mutex->held, "a mutex was dropped without being held");
	mutex->held = false;
	let_others_run(MOCK_AT_MUTEX, NULL);
}

void mock_wait_begin(void)
{
	check_may_sleep();
	mock_check(!transaction->cache_write_mutex.held,
		   "waited for other writers under cache_write_mutex");
	mock_check(mock.phase == MOCK_COMMIT,
		   "waited for other writers before the critical section");
	mock.writers_waited_at = ++mock.sequence;
	mock.writer_waits++;
}

/* A worker ends its part of the transaction. */
void mock_wait_step(void)
{
	mock_check(transaction->num_writers.value-- > 1,
		   "waits for ever for writers that are gone");
	for_each_group(group) {
		if (group->item == MOCK_ITEM_WORKER) {
			group->item = MOCK_ITEM_PRESENT;
			return;
		}
	}
}

void blk_start_plug(struct blk_plug *plug)
{
	mock_check(!mock.plugged, "plugged twice");
	mock.plugged = true;
}

void blk_finish_plug(struct blk_plug *plug)
{
	mock_check(mock.plugged, "unplugged, though there is no plug");
	mock.plugged = false;
}

/* Block groups */

static void insert_items_of(enum mock_item owner)
{
	for_each_group(group)
		if (group->item == owner)
			group->item = MOCK_ITEM_PRESENT;
}

struct btrfs_block_group *mock_group(enum mock_item item)
{
	struct btrfs_block_group *group;

	mock_check(mock.created < MOCK_GROUPS, "the mock is full");
	group = calloc(1, sizeof(*group));
	if (!group)
		abort();
	raw_init(&group->dirty_list, MOCK_LIST_DIRTY);
	raw_init(&group->io_list, MOCK_LIST_IO);
	group->name = (char)('a' + mock.created % 26);
	group->references = 1;
	group->item = item;
	if (item == MOCK_ITEM_WORKER)
		transaction->num_writers.value++;
	mock.groups[mock.created++] = group;
	return group;
}

/* One of those that exist, or NULL. */
struct btrfs_block_group *mock_any_group(void)
{
	if (!mock.created)
		return NULL;
	return mock.groups[mock_random((unsigned int)mock.created)];
}

static bool is_dirty(const struct btrfs_block_group *group)
{
	return !raw_empty(&group->dirty_list);
}

void mock_dirty(struct btrfs_block_group *group)
{
	mock_check(!transaction->dirty_bgs_lock.held,
		   "the mock dirtied a block group under dirty_bgs_lock");
	group->used++;
	if (group->disk_cache_state < BTRFS_DC_CLEAR)
		group->disk_cache_state = BTRFS_DC_CLEAR;
	if (is_dirty(group))
		return;
	raw_add_tail(&group->dirty_list, &transaction->dirty_bgs);
	group->references++;
	mock.reservations++;
	mock.entries++;
}

void btrfs_get_block_group(struct btrfs_block_group *group)
{
	check_group(group, group->references > 0, "was got after its end");
	group->references++;
}

void btrfs_put_block_group(struct btrfs_block_group *group)
{
	check_group(group, group->references > 0, "was put after its end");
	if (--group->references)
		return;
	for_each_group(other)
		check_group(group, other != group, "was put once too often");
	check_group(group, is_on_no_list(group), "ended while it was on a list");
	free(group);
}

static void end_io(struct btrfs_block_group *group, const char *how)
{
	check_group(group, group->in_flight && group->io_ctl.inode,
		    "was %s, but its cache is not in flight", how);
	check_group(group, raw_empty(&group->io_list),
		    "was %s while it was still on io_bgs", how);
	group->in_flight = false;
	group->io_ctl.inode = NULL;
	mock.mount.in_flight.value--;
}

static void end_wait(struct btrfs_block_group *group, const char *how, bool written)
{
	end_io(group, how);
	group->cache_valid = written;
	mock.waited++;
}

/* What another task does that removes an empty block group. */
void mock_remove(struct btrfs_block_group *group)
{
	mock_check(!transaction->cache_write_mutex.held &&
		   !transaction->dirty_bgs_lock.held,
		   "the mock removed a block group under somebody's lock");
	if (!raw_empty(&group->io_list)) {
		raw_del(&group->io_list);
		end_wait(group, "waited for by its remover", true);
		btrfs_put_block_group(group);
	}
	if (is_dirty(group)) {
		raw_del(&group->dirty_list);
		mock.entries--;
		mock.reservations--;
		btrfs_put_block_group(group);
	}
	check_group(group, group->references == 1,
		    "is still used after its removal: %d references",
		    group->references - 1);
	for_each_group(other)
		if (other == group)
			mock.groups[slot] = NULL;
	btrfs_put_block_group(group);
}

/* What the engine calls */

static void check_call(const struct btrfs_path *path)
{
	check_may_sleep();
	mock_check(mock.path_taken && path == &mock.path,
		   "called with a path that is not there");
	mock_check(mock.phase != MOCK_EARLY || transaction->cache_write_mutex.held,
		   "a block group can be removed meanwhile");
}

static void check_not_failed(const char *what)
{
	mock_check(!mock.failed, "%s after an error", what);
}

struct btrfs_path *btrfs_alloc_path(void)
{
	check_may_sleep();
	mock_check(!mock.path_taken, "a second path was allocated");
	mock.path_refused = happens(MOCK_NO_PATH);
	mock.path_taken = !mock.path_refused;
	return mock.path_taken ? &mock.path : NULL;
}

void btrfs_free_path(struct btrfs_path *path)
{
	if (!path)
		return;
	mock_check(mock.path_taken && path == &mock.path,
		   "a path was freed that is not there");
	mock.path_taken = false;
}

void btrfs_abort_transaction(struct btrfs_trans_handle *trans, int error)
{
	mock_check(error < 0, "aborted without an error");
	if (!trans->transaction->aborted)
		trans->transaction->aborted = error;
}

void btrfs_create_pending_block_groups(struct btrfs_trans_handle *trans)
{
	check_may_sleep();
	insert_items_of(MOCK_ITEM_OURS);
	let_others_run(MOCK_AT_PENDING, NULL);
	insert_items_of(MOCK_ITEM_OURS);
}

/* Runs something delayed, which aborts if it fails. */
static int run_delayed(struct btrfs_trans_handle *trans, char what,
		       enum mock_fault fault, enum mock_point point)
{
	check_may_sleep();
	check_not_failed("delayed items or refs were run");
	log_call(what, NULL);
	if (happens(fault)) {
		mock.failed = true;
		btrfs_abort_transaction(trans, -EIO);
		return -EIO;
	}
	let_others_run(point, NULL);
	return 0;
}

int btrfs_run_delayed_items_nr(struct btrfs_trans_handle *trans, int nr)
{
	mock_check(mock.phase == MOCK_EARLY,
		   "delayed items were run in the critical section");
	mock_check(nr > 0 && nr == mock.fs_info.delayed_root.nodes,
		   "delayed items that are queued meanwhile would be run");
	check_may_sleep();
	if (happens(MOCK_NO_PATH))
		return -ENOMEM;
	return run_delayed(trans, 'd', MOCK_DELAYED_ITEMS_FAIL, MOCK_AT_PENDING);
}

int btrfs_run_delayed_refs(struct btrfs_trans_handle *trans, unsigned long count)
{
	int ret;

	mock_check(!transaction->cache_write_mutex.held,
		   "delayed refs were run under cache_write_mutex");
	mock_check(mock.phase == MOCK_EARLY || count == (unsigned long)-1,
		   "some delayed refs were left in the critical section");
	ret = run_delayed(trans, 'r', MOCK_REFS_FAIL, MOCK_AT_REFS);
	if (ret)
		return ret;
	insert_items_of(MOCK_ITEM_OURS);
	mock.refs_at = ++mock.sequence;
	return 0;
}

void btrfs_delayed_refs_rsv_release(struct btrfs_fs_info *fs_info, int count)
{
	mock_check(fs_info == &mock.fs_info && count == 1,
		   "another reservation was released");
	mock.reservations--;
	mock_check(mock.reservations >= mock.entries,
		   "a reservation was released whose block group is dirty");
}

static void set_up(struct btrfs_block_group *group, struct twostage_mount *mount,
		   struct btrfs_trans_handle *trans, struct btrfs_path *path)
{
	static const int states[] = {
		[MOCK_SET_UP_ABORTS] = BTRFS_DC_ERROR,
		[MOCK_NOT_SET_UP] = BTRFS_DC_ERROR,
		[MOCK_TOO_SMALL] = BTRFS_DC_WRITTEN,
		[MOCK_LEFT_CLEAR] = BTRFS_DC_CLEAR,
	};
	enum mock_fault fault;

	mock_check(mount == &mock.mount, "a cache was set up for another mount");
	check_call(path);
	check_not_failed("a cache was set up");
	check_group(group, !group->in_flight, "was set up while it is in flight");
	check_group(group, mock.phase == MOCK_SETUP || group->taken,
		    "was set up before it was taken off the dirty list");
	group->set_up_at = ++mock.sequence;
	if (trans->transaction->aborted)
		return;

	let_others_run(MOCK_AT_SET_UP, group);
	group->cache_valid = false;
	for (fault = MOCK_SET_UP_ABORTS; fault <= MOCK_LEFT_CLEAR; fault++) {
		if (!happens(fault))
			continue;
		if (fault == MOCK_SET_UP_ABORTS)
			btrfs_abort_transaction(trans, -EIO);
		group->disk_cache_state = states[fault];
		group->outgrown = false;
		return;
	}
	group->disk_cache_state = BTRFS_DC_SETUP;
}

void twostage_set_up_cache(struct btrfs_trans_handle *trans,
			   struct twostage_mount *mount,
			   struct btrfs_block_group *group, struct btrfs_path *path)
{
	log_call('p', group);
	set_up(group, mount, trans, path);
}

void twostage_set_up_larger_cache(struct btrfs_trans_handle *trans,
				  struct twostage_mount *mount,
				  struct btrfs_block_group *group,
				  struct btrfs_path *path)
{
	check_group(group, mock.phase == MOCK_COMMIT,
		    "got a whole file before the critical section");
	check_group(group, group->outgrown, "got a whole file for nothing");
	log_call('P', group);
	group->whole_file = true;
	group->outgrown = false;
	set_up(group, mount, trans, path);
}

bool twostage_outgrew_file(const struct btrfs_block_group *group, int result)
{
	return result == -ENOSPC && !group->whole_file;
}

int btrfs_write_out_cache(struct btrfs_trans_handle *trans,
			  struct btrfs_block_group *group, struct btrfs_path *path)
{
	int window = (int)mock.mount.active.window;

	check_call(path);
	check_not_failed("a cache was started");
	check_group(group, group->disk_cache_state == BTRFS_DC_SETUP,
		    "was started without a cache file");
	check_group(group, group->taken && group->set_up_at > group->tried_at,
		    "was started and not set up before");
	check_group(group,
		    mock.phase != MOCK_COMMIT || mock.refs_at > group->set_up_at,
		    "was started with delayed refs left");
	check_group(group, !group->in_flight && raw_empty(&group->io_list),
		    "was started twice");
	check_group(group, !window || mock.mount.in_flight.value < window,
		    "was started beyond the window");
	log_call('s', group);
	group->tried_at = ++mock.sequence;
	let_others_run(MOCK_AT_START, group);

	group->io_ctl.inode = NULL;
	if (happens(MOCK_NOT_STARTED)) {
		group->outgrown = false;
		group->disk_cache_state = BTRFS_DC_ERROR;
		return -EIO;
	}
	if (!group->whole_file && (group->outgrown || happens(MOCK_OUTGROWN))) {
		group->disk_cache_state = BTRFS_DC_ERROR;
		group->outgrown = true;
		return -ENOSPC;
	}
	if (happens(MOCK_NOTHING_TO_START)) {
		group->disk_cache_state = BTRFS_DC_WRITTEN;
		return 0;
	}
	group->io_ctl.inode = &group->inode;
	group->in_flight = true;
	group->cache_used = group->used + group->reserved;
	mock.started++;
	if (++mock.mount.in_flight.value > mock.peak)
		mock.peak = mock.mount.in_flight.value;
	return 0;
}

bool twostage_cache_is_complete(const struct btrfs_block_group *group)
{
	check_not_failed("a cache was asked for");
	check_group(group, group->in_flight && !raw_empty(&group->io_list),
		    "was asked for, but its cache is not in flight");
	check_group(group, !group->taken, "was asked for before its item was done");
	return happens(MOCK_COMPLETE);
}

int btrfs_wait_cache_io(struct btrfs_trans_handle *trans,
			struct btrfs_block_group *group, struct btrfs_path *path)
{
	bool failed;

	check_call(path);
	check_group(group, !group->taken,
		    "was taken off the dirty list before its wait");
	log_call('w', group);
	let_others_run(MOCK_AT_WAIT, group);

	failed = happens(MOCK_WRITE_FAILS);
	end_wait(group, "waited for", !failed);
	if (failed)
		group->disk_cache_state = BTRFS_DC_ERROR;
	else if (!is_dirty(group))
		group->disk_cache_state = BTRFS_DC_WRITTEN;
	return failed ? -EIO : 0;
}

/* In the commit pass the engine may look a second time. */
static int item_missing(struct btrfs_block_group *group)
{
	bool again = mock.phase == MOCK_COMMIT && !group->missed;

	group->missed = again;
	group->taken = again;
	if (again)
		group->missed_at = ++mock.sequence;
	else
		mock.failed = mock.phase == MOCK_COMMIT;
	return -ENOENT;
}

int twostage_update_item(struct btrfs_trans_handle *trans, struct btrfs_path *path,
			 struct btrfs_block_group *group)
{
	check_call(path);
	check_not_failed("an item was updated");
	check_group(group, group->taken, "had its item updated out of turn");
	check_group(group, group->set_up_at &&
		    (group->disk_cache_state != BTRFS_DC_SETUP || group->reserved ||
		     group->tried_at > group->set_up_at),
		    "had its item updated before its cache was started");
	check_group(group,
		    !group->missed || mock.writers_waited_at > group->missed_at,
		    "had its item looked for again too early");
	log_call('i', group);
	let_others_run(MOCK_AT_ITEM, group);

	if (happens(MOCK_ITEM_FAILS)) {
		mock.failed = true;
		group->taken = false;
		return -EIO;
	}
	if (group->item != MOCK_ITEM_PRESENT)
		return item_missing(group);
	group->missed = false;
	group->taken = false;
	group->item_used = group->used;
	return 0;
}

static void discard(struct btrfs_block_group *group)
{
	raw_del(&group->io_list);
	log_call('d', group);
	end_io(group, "discarded");
	mock.discarded++;
	btrfs_put_block_group(group);
}

void btrfs_cleanup_dirty_bgs(struct btrfs_transaction *cleaned,
			     struct btrfs_fs_info *fs_info)
{
	check_may_sleep();
	mock_check(!cleaned->cache_write_mutex.held,
		   "cleaned up under cache_write_mutex");
	while (!raw_empty(&cleaned->dirty_bgs)) {
		struct btrfs_block_group *group = group_of(cleaned->dirty_bgs.next);

		if (!raw_empty(&group->io_list))
			discard(group);
		raw_del(&group->dirty_list);
		mock.entries--;
		group->disk_cache_state = BTRFS_DC_ERROR;
		btrfs_put_block_group(group);
		btrfs_delayed_refs_rsv_release(fs_info, 1);
	}
	while (!raw_empty(&cleaned->io_bgs))
		discard(group_of(cleaned->io_bgs.next));
}

/* Transactions */

void mock_reset(void)
{
	for_each_group(group)
		free(group);
	memset(&mock, 0, sizeof(mock));
	mock_begin();
}

void mock_begin(void)
{
	int kept = 0;

	for_each_group(group) {
		group->whole_file = false;
		group->outgrown = false;
		mock.groups[kept++] = group;
	}
	mock.created = kept;

	memset(transaction, 0, sizeof(*transaction));
	raw_init(&transaction->dirty_bgs, MOCK_LIST_DIRTY_HEAD);
	raw_init(&transaction->io_bgs, MOCK_LIST_IO_HEAD);
	transaction->num_writers.value = 1;
	mock.trans.fs_info = &mock.fs_info;
	mock.trans.transaction = transaction;
	mock.trans.transid++;
	mock.started = mock.waited = mock.discarded = mock.peak = 0;
	mock.failed = mock.path_refused = false;
	mock.log_length = 0;
}

static int end_pass(int ret)
{
	mock.phase = MOCK_OUTSIDE;
	mock_check(!mock.plugged, "a plug was left in");
	mock_check(!mock.path_taken, "a path was left behind");
	mock_check(!transaction->dirty_bgs_lock.held &&
		   !transaction->cache_write_mutex.held, "a lock was left behind");
	mock_check(!mock.failed || ret, "an error was not returned");
	mock_check(!mock.failed || transaction->aborted,
		   "the transaction was not aborted");
	return ret;
}

int mock_delayed_work(void)
{
	mock.phase = MOCK_EARLY;
	return end_pass(twostage_run_delayed_work(&mock.trans));
}

int mock_early_pass(void)
{
	int ret;

	mock.phase = MOCK_EARLY;
	ret = end_pass(twostage_write_early(&mock.trans, &mock.mount));
	mock_check(!ret || transaction->aborted,
		   "an early pass failed and did not abort");
	mock_check(!ret || (raw_empty(&transaction->dirty_bgs) &&
			    raw_empty(&transaction->io_bgs)),
		   "an early pass failed and did not clean up");
	return ret;
}

int mock_setup_pass(void)
{
	mock.phase = MOCK_SETUP;
	return end_pass(twostage_set_up_caches(&mock.trans, &mock.mount));
}

static int commit_pass(void)
{
	int ret;

	mock.phase = MOCK_COMMIT;
	ret = end_pass(twostage_write_commit(&mock.trans, &mock.mount));
	mock_check(mock.path_refused || raw_empty(&transaction->io_bgs),
		   "a commit pass left caches in flight");
	mock_check(!ret || mock.path_refused || transaction->aborted,
		   "a commit pass failed and did not abort");
	return ret;
}

/* As the commit calls them: until nothing is dirty or in flight. */
static int critical_section(void)
{
	int passes = 0;
	int ret = 0;

	/* The logs are given back, which makes nothing dirty. */
	for_each_group(group)
		group->reserved = 0;
	insert_items_of(MOCK_ITEM_JOINER);
	if (!raw_empty(&transaction->dirty_bgs))
		ret = mock_setup_pass();
	if (ret)
		return ret;
	ret = btrfs_run_delayed_refs(&mock.trans, (unsigned long)-1);
	while (!ret && (!raw_empty(&transaction->dirty_bgs) ||
			!raw_empty(&transaction->io_bgs))) {
		mock_check(++passes < 1000, "the commit does not end");
		ret = commit_pass();
		if (!ret)
			ret = btrfs_run_delayed_refs(&mock.trans, (unsigned long)-1);
	}
	insert_items_of(MOCK_ITEM_WORKER);
	return ret;
}

static void check_group_at_end(struct btrfs_block_group *group)
{
	check_group(group, group->references == 1, "has %d references too many",
		    group->references - 1);
	check_group(group, is_on_no_list(group), "is still on a list");
	check_group(group, !group->in_flight, "is still in flight");
	if (transaction->aborted)
		return;
	check_group(group, !group->taken, "was taken and forgotten");
	check_group(group, group->item_used == group->used, "has an item out of date");
	check_group(group, !group->outgrown, "got no file that is large enough");
	check_group(group, !group->cache_valid || group->cache_used == group->used,
		    "has a cache that is valid and out of date");
}

int mock_transaction(void)
{
	int ret = 0;

	if (mock.mount.active.early)
		ret = mock_early_pass();
	if (!ret)
		ret = critical_section();
	if (!ret)
		ret = transaction->aborted;
	if (ret) {
		btrfs_abort_transaction(&mock.trans, ret);
		btrfs_cleanup_dirty_bgs(transaction, &mock.fs_info);
	}

	mock_check(mock.started == mock.waited + mock.discarded,
		   "%d started, %d waited for, %d discarded", mock.started,
		   mock.waited, mock.discarded);
	mock_check(!mock.mount.in_flight.value, "something is in flight");
	mock_check(!mock.entries && !mock.reservations,
		   "%d reservations were left behind", mock.reservations);
	for_each_group(group)
		check_group_at_end(group);
	return ret;
}
