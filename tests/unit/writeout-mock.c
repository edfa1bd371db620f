// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel and btrfs around the writeout engine, with their rules checked.
 *
 * What each call promises and may do was read in btrfs of 6.1 to 7.3: which
 * state it leaves, when it dirties block groups, who inserts whose item. The
 * engine reaches lists through the checked functions at the top only; the mock
 * itself uses the raw_ ones.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache-file.h"
#include "fit.h"
#include "writeout-mock.h"
#include "writeout.h"

struct mock mock;
jmp_buf mock_give_up;
u64 mock_seed;

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
	if (mock.logging)
		printf("# calls:%s\n", mock.log);
	longjmp(mock_give_up, 1);
}

static void log_call(char what, const struct btrfs_block_group *block_group)
{
	if (!mock.logging || mock.log_length + 4 > sizeof(mock.log))
		return;
	mock.log[mock.log_length++] = ' ';
	mock.log[mock.log_length++] = what;
	if (block_group)
		mock.log[mock.log_length++] = block_group->name;
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

static void let_others_run(enum mock_point point,
			   struct btrfs_block_group *block_group)
{
	if (!mock.others || mock.others_run)
		return;
	mock.others_run = true;
	mock.others(point, block_group);
	mock.others_run = false;
}

/* Lists */

static bool raw_empty(const struct list_head *head)
{
	return head->next == head;
}

static void raw_init(struct list_head *head, enum mock_list_kind kind)
{
	head->next = head;
	head->prev = head;
	head->kind = kind;
}

static void raw_add_tail(struct list_head *entry, struct list_head *head)
{
	struct list_head *last = head->prev;

	entry->prev = last;
	entry->next = head;
	last->next = entry;
	head->prev = entry;
}

static void raw_del(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
	entry->next = entry;
	entry->prev = entry;
}

static struct btrfs_block_group *group_of(struct list_head *entry)
{
	if (entry->kind == MOCK_LIST_DIRTY)
		return container_of(entry, struct btrfs_block_group,
				    dirty_list);
	return container_of(entry, struct btrfs_block_group, io_list);
}

static bool is_for_io(const struct list_head *list)
{
	return list->kind == MOCK_LIST_IO || list->kind == MOCK_LIST_IO_HEAD;
}

static void check_look(const struct list_head *list)
{
	bool spin = mock.transaction.dirty_bgs_lock.held;
	bool mutex = mock.transaction.cache_write_mutex.held;

	if (is_for_io(list))
		mock_check(mock.phase != MOCK_EARLY || mutex,
			   "io_bgs looked at without cache_write_mutex");
	else if (list->kind == MOCK_LIST_LOCAL)
		mock_check(spin || mutex,
			   "the pass's own dirty list looked at without a lock");
	else
		mock_check(spin,
			   "a dirty list looked at without dirty_bgs_lock");
}

static void check_change(const struct list_head *list)
{
	if (is_for_io(list))
		mock_check(mock.phase != MOCK_EARLY ||
			   mock.transaction.cache_write_mutex.held,
			   "io_bgs changed without cache_write_mutex");
	else
		mock_check(mock.transaction.dirty_bgs_lock.held,
			   "a dirty list changed without dirty_bgs_lock");
}

bool list_empty(const struct list_head *head)
{
	check_look(head);
	return raw_empty(head);
}

struct list_head *mock_list_first(const struct list_head *head)
{
	check_look(head);
	mock_check(!raw_empty(head), "the first of an empty list was taken");
	return head->next;
}

struct list_head *mock_list_next(const struct list_head *position)
{
	check_look(position);
	return position->next;
}

void list_add_tail(struct list_head *entry, struct list_head *head)
{
	struct btrfs_block_group *block_group = group_of(entry);

	check_change(head);
	mock_check(raw_empty(entry), "%c was put on a list twice",
		   block_group->name);
	if (entry->kind == MOCK_LIST_DIRTY) {
		mock_check(head->kind == MOCK_LIST_DIRTY_HEAD,
			   "%c went to a list of the wrong kind",
			   block_group->name);
		mock.entries++;
	} else {
		mock_check(head->kind == MOCK_LIST_IO_HEAD,
			   "%c went to a list of the wrong kind",
			   block_group->name);
		mock_check(block_group->in_flight,
			   "%c is on io_bgs, its cache not in flight",
			   block_group->name);
	}
	raw_add_tail(entry, head);
}

void list_del_init(struct list_head *entry)
{
	struct btrfs_block_group *block_group = group_of(entry);

	check_change(entry);
	mock_check(!raw_empty(entry), "%c was taken off a list it was not on",
		   block_group->name);
	if (entry->kind == MOCK_LIST_DIRTY) {
		block_group->taken = true;
		mock.entries--;
	}
	raw_del(entry);
}

void list_splice_init(struct list_head *from, struct list_head *to)
{
	struct list_head *first = from->next, *last = from->prev;

	check_change(from);
	check_change(to);
	if (raw_empty(from))
		return;
	first->prev = to;
	last->next = to->next;
	to->next->prev = last;
	to->next = first;
	from->next = from;
	from->prev = from;
}

/* Locks and waiting */

static void check_may_sleep(void)
{
	mock_check(!mock.transaction.dirty_bgs_lock.held,
		   "slept under dirty_bgs_lock");
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
	mock_check(!mock.transaction.cache_write_mutex.held,
		   "waited for other writers under cache_write_mutex");
	mock_check(mock.phase == MOCK_COMMIT,
		   "waited for other writers before the critical section");
	mock.writers_waited_at = ++mock.sequence;
	mock.writer_waits++;
}

/* A worker ends its part of the transaction. */
void mock_wait_step(void)
{
	int i;

	mock_check(mock.transaction.num_writers.value > 1,
		   "waits for ever for writers that are gone");
	for (i = 0; i < mock.created; i++) {
		if (mock.groups[i] &&
		    mock.groups[i]->item == MOCK_ITEM_WORKER) {
			mock.groups[i]->item = MOCK_ITEM_PRESENT;
			break;
		}
	}
	mock.transaction.num_writers.value--;
}

/* Block groups */

static void insert_items_of(enum mock_item owner)
{
	int i;

	for (i = 0; i < mock.created; i++)
		if (mock.groups[i] && mock.groups[i]->item == owner)
			mock.groups[i]->item = MOCK_ITEM_PRESENT;
}

struct btrfs_block_group *mock_group(enum mock_item item)
{
	struct btrfs_block_group *block_group;

	mock_check(mock.created < MOCK_GROUPS, "the mock is full");
	block_group = calloc(1, sizeof(*block_group));
	if (!block_group)
		abort();
	raw_init(&block_group->dirty_list, MOCK_LIST_DIRTY);
	raw_init(&block_group->io_list, MOCK_LIST_IO);
	block_group->name = (char)('a' + mock.created % 26);
	block_group->references = 1;
	block_group->item = item;
	if (item == MOCK_ITEM_WORKER)
		mock.transaction.num_writers.value++;
	mock.groups[mock.created++] = block_group;
	return block_group;
}

/* One of those that exist, or NULL. */
struct btrfs_block_group *mock_any_group(void)
{
	return mock.created ?
	       mock.groups[mock_random((unsigned int)mock.created)] : NULL;
}

bool mock_is_dirty(const struct btrfs_block_group *block_group)
{
	return !raw_empty(&block_group->dirty_list);
}

void mock_dirty(struct btrfs_block_group *block_group)
{
	mock_check(!mock.transaction.dirty_bgs_lock.held,
		   "the mock dirtied a block group under dirty_bgs_lock");
	block_group->used++;
	if (block_group->disk_cache_state < BTRFS_DC_CLEAR)
		block_group->disk_cache_state = BTRFS_DC_CLEAR;
	if (mock_is_dirty(block_group))
		return;
	raw_add_tail(&block_group->dirty_list, &mock.transaction.dirty_bgs);
	block_group->references++;
	mock.reservations++;
	mock.entries++;
}

void btrfs_get_block_group(struct btrfs_block_group *block_group)
{
	mock_check(block_group->references > 0, "%c was got after its end",
		   block_group->name);
	block_group->references++;
}

static bool is_removed(const struct btrfs_block_group *block_group)
{
	int i;

	for (i = 0; i < mock.created; i++)
		if (mock.groups[i] == block_group)
			return false;
	return true;
}

void btrfs_put_block_group(struct btrfs_block_group *block_group)
{
	mock_check(block_group->references > 0, "%c was put after its end",
		   block_group->name);
	if (--block_group->references)
		return;
	mock_check(is_removed(block_group), "%c was put once too often",
		   block_group->name);
	mock_check(raw_empty(&block_group->dirty_list) &&
		   raw_empty(&block_group->io_list),
		   "%c ended while it was on a list", block_group->name);
	free(block_group);
}

static void end_wait(struct btrfs_block_group *block_group, bool written)
{
	block_group->in_flight = false;
	block_group->io_ctl.inode = NULL;
	block_group->cache_valid = written;
	mock.mount.in_flight.value--;
	mock.waited++;
}

static void check_in_flight(struct btrfs_block_group *block_group,
			    const char *verb)
{
	mock_check(block_group->in_flight && block_group->io_ctl.inode,
		   "%c was %s, but its cache is not in flight",
		   block_group->name, verb);
	mock_check(raw_empty(&block_group->io_list),
		   "%c was %s while it was still on io_bgs",
		   block_group->name, verb);
}

/* What another task does that removes an empty block group. */
void mock_remove(struct btrfs_block_group *block_group)
{
	int i;

	mock_check(!mock.transaction.cache_write_mutex.held &&
		   !mock.transaction.dirty_bgs_lock.held,
		   "the mock removed a block group under somebody's lock");
	if (!raw_empty(&block_group->io_list)) {
		raw_del(&block_group->io_list);
		check_in_flight(block_group, "waited for by its remover");
		end_wait(block_group, true);
		btrfs_put_block_group(block_group);
	}
	if (mock_is_dirty(block_group)) {
		raw_del(&block_group->dirty_list);
		mock.entries--;
		mock.reservations--;
		btrfs_put_block_group(block_group);
	}
	mock_check(block_group->references == 1,
		   "%c is still used after its removal: %d references",
		   block_group->name, block_group->references - 1);
	for (i = 0; i < mock.created; i++)
		if (mock.groups[i] == block_group)
			mock.groups[i] = NULL;
	btrfs_put_block_group(block_group);
}

/* What the engine calls */

static void check_call(const struct btrfs_path *path)
{
	check_may_sleep();
	mock_check(mock.path_taken && path == &mock.path,
		   "called with a path that is not there");
	mock_check(mock.phase != MOCK_EARLY ||
		   mock.transaction.cache_write_mutex.held,
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
	if (happens(MOCK_NO_PATH)) {
		mock.path_refused = true;
		return NULL;
	}
	mock.path_taken = true;
	return &mock.path;
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
	mock.aborts++;
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

int btrfs_run_delayed_items(struct btrfs_trans_handle *trans)
{
	check_may_sleep();
	check_not_failed("delayed items were run");
	mock_check(mock.phase == MOCK_EARLY,
		   "delayed items were run in the critical section");
	log_call('d', NULL);
	if (happens(MOCK_DELAYED_ITEMS_FAIL)) {
		mock.failed = true;
		btrfs_abort_transaction(trans, -EIO);
		return -EIO;
	}
	let_others_run(MOCK_AT_PENDING, NULL);
	return 0;
}

int btrfs_run_delayed_refs(struct btrfs_trans_handle *trans,
			   unsigned long count)
{
	check_may_sleep();
	check_not_failed("delayed refs were run");
	mock_check(!mock.transaction.cache_write_mutex.held,
		   "delayed refs were run under cache_write_mutex");
	mock_check(mock.phase == MOCK_EARLY || count == (unsigned long)-1,
		   "some delayed refs were left in the critical section");
	log_call('r', NULL);
	if (happens(MOCK_REFS_FAIL)) {
		mock.failed = true;
		btrfs_abort_transaction(trans, -EIO);
		return -EIO;
	}
	let_others_run(MOCK_AT_REFS, NULL);
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

static void set_up(struct btrfs_block_group *block_group,
		   struct btrfs_trans_handle *trans, struct btrfs_path *path)
{
	check_call(path);
	check_not_failed("a cache was set up");
	mock_check(!block_group->in_flight,
		   "the cache of %c was set up while it is in flight",
		   block_group->name);
	mock_check(mock.phase == MOCK_SETUP || block_group->taken,
		   "%c was set up before it was taken off the dirty list",
		   block_group->name);
	block_group->set_up_at = ++mock.sequence;
	if (trans->transaction->aborted)
		return;

	let_others_run(MOCK_AT_SET_UP, block_group);
	block_group->cache_valid = false;
	if (happens(MOCK_SET_UP_ABORTS)) {
		btrfs_abort_transaction(trans, -EIO);
		block_group->disk_cache_state = BTRFS_DC_ERROR;
	} else if (happens(MOCK_NOT_SET_UP)) {
		block_group->disk_cache_state = BTRFS_DC_ERROR;
	} else if (happens(MOCK_TOO_SMALL)) {
		block_group->disk_cache_state = BTRFS_DC_WRITTEN;
	} else if (happens(MOCK_LEFT_CLEAR)) {
		block_group->disk_cache_state = BTRFS_DC_CLEAR;
	} else {
		block_group->disk_cache_state = BTRFS_DC_SETUP;
		return;
	}
	block_group->outgrown = false;
}

void twostage_set_up_cache(struct btrfs_trans_handle *trans,
			   struct twostage_mount *mount,
			   struct btrfs_block_group *block_group,
			   struct btrfs_path *path)
{
	mock_check(mount == &mock.mount, "a cache was set up for another mount");
	log_call('p', block_group);
	set_up(block_group, trans, path);
}

void twostage_set_up_larger_cache(struct btrfs_trans_handle *trans,
				  struct twostage_mount *mount,
				  struct btrfs_block_group *block_group,
				  struct btrfs_path *path)
{
	mock_check(mount == &mock.mount, "a cache was set up for another mount");
	mock_check(mock.phase == MOCK_COMMIT,
		   "%c got a whole file before the critical section",
		   block_group->name);
	mock_check(block_group->outgrown, "%c got a whole file for nothing",
		   block_group->name);
	log_call('P', block_group);
	block_group->whole_file = true;
	block_group->outgrown = false;
	set_up(block_group, trans, path);
}

bool twostage_outgrew_file(const struct btrfs_block_group *block_group,
			   int result)
{
	return result == -ENOSPC && !block_group->whole_file;
}

int btrfs_write_out_cache(struct btrfs_trans_handle *trans,
			  struct btrfs_block_group *block_group,
			  struct btrfs_path *path)
{
	int window = (int)mock.mount.active.window;

	check_call(path);
	check_not_failed("a cache was started");
	mock_check(block_group->disk_cache_state == BTRFS_DC_SETUP,
		   "%c was started without a cache file", block_group->name);
	mock_check(block_group->taken &&
		   block_group->set_up_at > block_group->tried_at,
		   "%c was started and not set up before", block_group->name);
	mock_check(mock.phase != MOCK_COMMIT ||
		   mock.refs_at > block_group->set_up_at,
		   "%c was started with delayed refs left",
		   block_group->name);
	mock_check(!block_group->in_flight && raw_empty(&block_group->io_list),
		   "%c was started twice", block_group->name);
	mock_check(!window || mock.mount.in_flight.value < window,
		   "%c was started beyond the window", block_group->name);
	log_call('s', block_group);
	block_group->tried_at = ++mock.sequence;
	let_others_run(MOCK_AT_START, block_group);

	block_group->io_ctl.inode = NULL;
	if (happens(MOCK_NOT_STARTED)) {
		block_group->outgrown = false;
		block_group->disk_cache_state = BTRFS_DC_ERROR;
		return -EIO;
	}
	if (!block_group->whole_file &&
	    (block_group->outgrown || happens(MOCK_OUTGROWN))) {
		block_group->disk_cache_state = BTRFS_DC_ERROR;
		block_group->outgrown = true;
		return -ENOSPC;
	}
	if (happens(MOCK_NOTHING_TO_START)) {
		block_group->disk_cache_state = BTRFS_DC_WRITTEN;
		return 0;
	}
	block_group->io_ctl.inode = &block_group->inode;
	block_group->in_flight = true;
	block_group->cache_used = block_group->used + block_group->reserved;
	mock.started++;
	if (++mock.mount.in_flight.value > mock.peak)
		mock.peak = mock.mount.in_flight.value;
	return 0;
}

bool twostage_cache_is_complete(const struct btrfs_block_group *block_group)
{
	check_not_failed("a cache was asked for");
	mock_check(block_group->in_flight && !raw_empty(&block_group->io_list),
		   "%c was asked for, but its cache is not in flight",
		   block_group->name);
	mock_check(!block_group->taken, "%c was asked for before its item was done",
		   block_group->name);
	return happens(MOCK_COMPLETE);
}

int btrfs_wait_cache_io(struct btrfs_trans_handle *trans,
			struct btrfs_block_group *block_group,
			struct btrfs_path *path)
{
	bool failed;

	check_call(path);
	check_in_flight(block_group, "waited for");
	mock_check(!block_group->taken,
		   "%c was taken off the dirty list before its wait",
		   block_group->name);
	log_call('w', block_group);
	let_others_run(MOCK_AT_WAIT, block_group);

	failed = happens(MOCK_WRITE_FAILS);
	end_wait(block_group, !failed);
	if (failed)
		block_group->disk_cache_state = BTRFS_DC_ERROR;
	else if (!mock_is_dirty(block_group))
		block_group->disk_cache_state = BTRFS_DC_WRITTEN;
	return failed ? -EIO : 0;
}

static int item_missing(struct btrfs_block_group *block_group)
{
	if (mock.phase == MOCK_EARLY || block_group->missed) {
		block_group->taken = false;
		mock.failed = mock.phase == MOCK_COMMIT;
		block_group->missed = false;
	} else {
		block_group->missed = true;
		block_group->missed_at = ++mock.sequence;
	}
	return -ENOENT;
}

int twostage_update_item(struct btrfs_trans_handle *trans,
			 struct btrfs_path *path,
			 struct btrfs_block_group *block_group)
{
	check_call(path);
	check_not_failed("an item was updated");
	mock_check(block_group->taken, "the item of %c was updated out of turn",
		   block_group->name);
	mock_check(block_group->set_up_at &&
		   (block_group->disk_cache_state != BTRFS_DC_SETUP ||
		    block_group->reserved ||
		    block_group->tried_at > block_group->set_up_at),
		   "the item of %c was updated before its cache was started",
		   block_group->name);
	mock_check(!block_group->missed ||
		   mock.writers_waited_at > block_group->missed_at,
		   "the item of %c was looked for again too early",
		   block_group->name);
	log_call('i', block_group);
	let_others_run(MOCK_AT_ITEM, block_group);

	if (happens(MOCK_ITEM_FAILS)) {
		mock.failed = true;
		block_group->taken = false;
		return -EIO;
	}
	if (block_group->item != MOCK_ITEM_PRESENT)
		return item_missing(block_group);
	block_group->missed = false;
	block_group->taken = false;
	block_group->item_used = block_group->used;
	return 0;
}

static void discard(struct btrfs_block_group *block_group)
{
	raw_del(&block_group->io_list);
	check_in_flight(block_group, "discarded");
	log_call('d', block_group);
	block_group->in_flight = false;
	block_group->io_ctl.inode = NULL;
	mock.mount.in_flight.value--;
	mock.discarded++;
	btrfs_put_block_group(block_group);
}

void btrfs_cleanup_dirty_bgs(struct btrfs_transaction *transaction,
			     struct btrfs_fs_info *fs_info)
{
	struct btrfs_block_group *block_group;

	check_may_sleep();
	mock_check(!transaction->cache_write_mutex.held,
		   "cleaned up under cache_write_mutex");
	while (!raw_empty(&transaction->dirty_bgs)) {
		block_group = group_of(transaction->dirty_bgs.next);
		if (!raw_empty(&block_group->io_list))
			discard(block_group);
		raw_del(&block_group->dirty_list);
		mock.entries--;
		block_group->disk_cache_state = BTRFS_DC_ERROR;
		btrfs_put_block_group(block_group);
		btrfs_delayed_refs_rsv_release(fs_info, 1);
	}
	while (!raw_empty(&transaction->io_bgs))
		discard(group_of(transaction->io_bgs.next));
}

/* Transactions */

void mock_reset(void)
{
	int i;

	for (i = 0; i < mock.created; i++)
		free(mock.groups[i]);
	memset(&mock, 0, sizeof(mock));
	mock_begin();
}

void mock_begin(void)
{
	int i, kept = 0;

	for (i = 0; i < mock.created; i++) {
		if (!mock.groups[i])
			continue;
		mock.groups[i]->whole_file = false;
		mock.groups[i]->outgrown = false;
		mock.groups[kept++] = mock.groups[i];
	}
	mock.created = kept;

	memset(&mock.transaction, 0, sizeof(mock.transaction));
	raw_init(&mock.transaction.dirty_bgs, MOCK_LIST_DIRTY_HEAD);
	raw_init(&mock.transaction.io_bgs, MOCK_LIST_IO_HEAD);
	mock.transaction.num_writers.value = 1;
	mock.trans.fs_info = &mock.fs_info;
	mock.trans.transaction = &mock.transaction;
	mock.trans.transid++;
	mock.started = mock.waited = mock.discarded = mock.peak = 0;
	mock.failed = mock.path_refused = false;
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

static int end_pass(int ret)
{
	mock.phase = MOCK_OUTSIDE;
	mock_check(!mock.plugged, "a plug was left in");
	mock_check(!mock.path_taken, "a path was left behind");
	mock_check(!mock.transaction.dirty_bgs_lock.held &&
		   !mock.transaction.cache_write_mutex.held,
		   "a lock was left behind");
	mock_check(!mock.failed || ret, "an error was not returned");
	mock_check(!mock.failed || mock.transaction.aborted,
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
	if (ret) {
		mock_check(mock.transaction.aborted,
			   "an early pass failed and did not abort");
		mock_check(raw_empty(&mock.transaction.dirty_bgs) &&
			   raw_empty(&mock.transaction.io_bgs),
			   "an early pass failed and did not clean up");
	}
	return ret;
}

int mock_setup_pass(void)
{
	mock.phase = MOCK_SETUP;
	return end_pass(twostage_set_up_caches(&mock.trans, &mock.mount));
}

int mock_commit_pass(void)
{
	int ret;

	mock.phase = MOCK_COMMIT;
	mock.path_refused = false;
	ret = end_pass(twostage_write_commit(&mock.trans, &mock.mount));
	mock_check(mock.path_refused || raw_empty(&mock.transaction.io_bgs),
		   "a commit pass left caches in flight");
	mock_check(!ret || mock.path_refused || mock.transaction.aborted,
		   "a commit pass failed and did not abort");
	return ret;
}

/* As the commit calls them: until nothing is dirty or in flight. */
int mock_critical_section(void)
{
	int passes = 0;
	int i, ret;

	/* The logs are given back, which makes nothing dirty. */
	for (i = 0; i < mock.created; i++)
		if (mock.groups[i])
			mock.groups[i]->reserved = 0;
	insert_items_of(MOCK_ITEM_JOINER);
	if (!raw_empty(&mock.transaction.dirty_bgs)) {
		ret = mock_setup_pass();
		if (ret)
			return ret;
	}
	ret = btrfs_run_delayed_refs(&mock.trans, (unsigned long)-1);
	while (!ret && (!raw_empty(&mock.transaction.dirty_bgs) ||
			!raw_empty(&mock.transaction.io_bgs))) {
		mock_check(++passes < 1000, "the commit does not end");
		ret = mock_commit_pass();
		if (!ret)
			ret = btrfs_run_delayed_refs(&mock.trans,
						     (unsigned long)-1);
	}
	insert_items_of(MOCK_ITEM_WORKER);
	return ret;
}

static void check_group_at_end(struct btrfs_block_group *block_group)
{
	mock_check(block_group->references == 1,
		   "%c has %d references too many", block_group->name,
		   block_group->references - 1);
	mock_check(raw_empty(&block_group->dirty_list) &&
		   raw_empty(&block_group->io_list),
		   "%c is still on a list", block_group->name);
	mock_check(!block_group->in_flight, "%c is still in flight",
		   block_group->name);
	if (mock.transaction.aborted)
		return;
	mock_check(!block_group->taken, "%c was taken and forgotten",
		   block_group->name);
	mock_check(block_group->item_used == block_group->used,
		   "the item of %c is out of date", block_group->name);
	mock_check(!block_group->outgrown, "%c got no file that is large enough",
		   block_group->name);
	mock_check(!block_group->cache_valid ||
		   block_group->cache_used == block_group->used,
		   "the cache of %c is valid and out of date",
		   block_group->name);
}

int mock_transaction(void)
{
	int ret = 0;
	int i;

	if (mock.mount.active.early)
		ret = mock_early_pass();
	if (!ret)
		ret = mock_critical_section();
	if (!ret)
		ret = mock.transaction.aborted;
	if (ret) {
		btrfs_abort_transaction(&mock.trans, ret);
		btrfs_cleanup_dirty_bgs(&mock.transaction, &mock.fs_info);
	}

	mock_check(mock.started == mock.waited + mock.discarded,
		   "%d started, %d waited for, %d discarded", mock.started,
		   mock.waited, mock.discarded);
	mock_check(!mock.mount.in_flight.value, "something is in flight");
	mock_check(!mock.entries && !mock.reservations,
		   "%d reservations were left behind", mock.reservations);
	for (i = 0; i < mock.created; i++)
		if (mock.groups[i])
			check_group_at_end(mock.groups[i]);
	return ret;
}
