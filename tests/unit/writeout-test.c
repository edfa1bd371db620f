// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the writeout engine: the real src/writeout.c, in user space.
 *
 * The first tests tell one story each and look at the calls that were made.
 * The last ones run random transactions in which everything that may fail
 * fails, and other tasks dirty, create and remove block groups wherever they
 * can. What must hold in all of them is checked in writeout-mock.c.
 *
 * SEED=number repeats the random ones, TRANSACTIONS=number says how many.
 *
 * test: limit=120
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tap.h"
#include "writeout-mock.h"

#define GROUPS 40

static struct btrfs_block_group *groups[GROUPS];
static const char *random_story = "";
static u64 first_seed;

static void dirty_groups(int number)
{
	int i;

	for (i = 0; i < number; i++) {
		groups[i] = mock_group(MOCK_ITEM_PRESENT);
		mock_dirty(groups[i]);
	}
}

static void set_policy(bool early, unsigned int window)
{
	mock.mount.active.early = early;
	mock.mount.active.window = window;
}

static void fail_once(enum mock_fault fault, int after)
{
	mock.faults[fault].after = after;
	mock.faults[fault].times = 1;
}

static void begin_log(void)
{
	mock.logging = true;
	mock.log_length = 0;
	memset(mock.log, 0, sizeof(mock.log));
}

static void expect_log(const char *expected)
{
	const char *log = mock.log_length ? mock.log + 1 : "";

	mock_check(!strcmp(log, expected), "expected \"%s\", got \"%s\"",
		   expected, log);
}

static void expect_success(void)
{
	int ret = mock_transaction();

	mock_check(!ret, "the transaction returned %d", ret);
	mock_check(!mock.aborts, "the transaction was aborted");
}

static void expect_error(int error)
{
	int ret = mock_transaction();

	mock_check(ret == error, "%d instead of %d", ret, error);
}

/* Other tasks of the stories */

static enum mock_point act_at;
static struct btrfs_block_group *act_during;
static int act_after;
static void (*act)(void);

static void others_act_once(enum mock_point point,
			    struct btrfs_block_group *block_group)
{
	if (!act || point != act_at || block_group != act_during ||
	    act_after-- > 0)
		return;
	act();
	act = NULL;
}

static void let_act(void (*what)(void), enum mock_point at,
		    struct btrfs_block_group *during, int after)
{
	act = what;
	act_at = at;
	act_during = during;
	act_after = after;
	mock.others = others_act_once;
}

static void dirty_first(void)
{
	mock_dirty(groups[0]);
}

static void dirty_second(void)
{
	mock_dirty(groups[1]);
}

static void remove_first(void)
{
	mock_remove(groups[0]);
}

static void remove_second(void)
{
	mock_remove(groups[1]);
}

static void create_and_dirty(enum mock_item item)
{
	groups[GROUPS - 1] = mock_group(item);
	mock_dirty(groups[GROUPS - 1]);
}

static void create_ours(void)
{
	create_and_dirty(MOCK_ITEM_OURS);
}

static void create_of_worker(void)
{
	create_and_dirty(MOCK_ITEM_WORKER);
}

static void create_present(void)
{
	create_and_dirty(MOCK_ITEM_PRESENT);
}

/* Order and window */

static void test_two_stage(void)
{
	dirty_groups(3);
	begin_log();
	expect_success();
	expect_log("pa pb pc r pa r sa ia pb r sb ib pc r sc ic wa wb wc r");
}

static void test_serial(void)
{
	set_policy(false, 1);
	dirty_groups(3);
	begin_log();
	expect_success();
	expect_log("pa pb pc r pa r sa ia wa pb r sb ib wb pc r sc ic wc r");
	mock_check(mock.peak == 1, "%d in flight", mock.peak);
}

static void test_early_serial(void)
{
	set_policy(true, 1);
	dirty_groups(3);
	begin_log();
	expect_success();
	expect_log("pa sa ia wa pb sb ib wb pc sc ic wc r r");
}

static void expect_peak(unsigned int window, int peak)
{
	int early;

	for (early = 0; early < 2; early++) {
		mock_reset();
		set_policy(early, window);
		dirty_groups(GROUPS);
		expect_success();
		mock_check(mock.peak == peak, "%d in flight", mock.peak);
		mock_check(mock.started == GROUPS, "%d started", mock.started);
	}
}

static void test_window(void)
{
	expect_peak(8, 8);
	expect_peak(2, 2);
}

static void test_no_window(void)
{
	expect_peak(0, GROUPS);
	expect_peak(1000, GROUPS);
}

static void test_window_oldest(void)
{
	set_policy(false, 3);
	dirty_groups(4);
	mock_setup_pass();
	begin_log();
	expect_success();
	expect_log("r pa r sa ia pb r sb ib pc r sc ic wa pd r sd id wb wc wd r");
}

static void test_early(void)
{
	set_policy(true, 0);
	dirty_groups(2);
	begin_log();
	mock_early_pass();
	expect_log("pa sa ia pb sb ib r");
	mock_check(!mock.waited, "the early pass waited");
	set_policy(false, 0);
	expect_success();
	expect_log("pa sa ia pb sb ib r r wa wb r");
}

static void others_create_in_refs(enum mock_point point,
				  struct btrfs_block_group *block_group)
{
	if (point == MOCK_AT_REFS)
		mock_dirty(mock_group(MOCK_ITEM_PRESENT));
}

static void test_early_rounds(void)
{
	set_policy(true, 0);
	dirty_groups(1);
	mock.others = others_create_in_refs;
	begin_log();
	mock_early_pass();
	expect_log("pa sa ia r pb sb ib r");
	mock.others = NULL;
	set_policy(false, 0);
	expect_success();
	mock_check(mock.started == 3, "%d started", mock.started);
}

static void test_early_nothing(void)
{
	set_policy(true, 0);
	begin_log();
	expect_success();
	expect_log("r");
}

static void test_mutex_given_away(void)
{
	set_policy(true, 0);
	dirty_groups(10);
	expect_success();
	mock_check(mock.mutex_taken >= 10, "taken %d times for 10",
		   mock.mutex_taken);
}

/* Setup */

static void test_setup_clear_only(void)
{
	dirty_groups(3);
	groups[0]->disk_cache_state = BTRFS_DC_SETUP;
	groups[2]->disk_cache_state = BTRFS_DC_ERROR;
	begin_log();
	mock_setup_pass();
	expect_log("pb");
	expect_success();
}

static void test_setup_appended(void)
{
	dirty_groups(1);
	let_act(create_present, MOCK_AT_SET_UP, groups[0], 0);
	begin_log();
	mock_setup_pass();
	expect_log("pa pb");
	expect_success();
}

/* Dirtied again */

static void test_redirtied_commit(void)
{
	dirty_groups(2);
	mock_setup_pass();
	let_act(dirty_first, MOCK_AT_SET_UP, groups[1], 0);
	begin_log();
	expect_success();
	expect_log("r pa r sa ia pb r sb ib wa pa r sa ia wb wa r");
}

static void test_redirtied_early(void)
{
	set_policy(true, 0);
	dirty_groups(2);
	let_act(dirty_first, MOCK_AT_SET_UP, groups[1], 0);
	begin_log();
	expect_success();
	expect_log("pa sa ia pb sb ib r wa pa sa ia r r wb wa r");
}

static void test_redirtied_by_itself(void)
{
	dirty_groups(1);
	mock_setup_pass();
	let_act(dirty_first, MOCK_AT_SET_UP, groups[0], 0);
	begin_log();
	expect_success();
	expect_log("r pa r sa ia wa pa r sa ia wa r");
}

static void test_redirtied_in_wait(void)
{
	dirty_groups(2);
	mock_setup_pass();
	let_act(dirty_second, MOCK_AT_WAIT, groups[1], 0);
	begin_log();
	expect_success();
	expect_log("r pa r sa ia pb r sb ib wa wb r pb r sb ib wb r");
}

static void test_dirtied_in_refs(void)
{
	dirty_groups(1);
	let_act(create_present, MOCK_AT_REFS, NULL, 2);
	expect_success();
	mock_check(mock.started == 2, "%d started", mock.started);
}

/* Files that are too small */

static void test_outgrown_commit(void)
{
	dirty_groups(2);
	mock_setup_pass();
	fail_once(MOCK_OUTGROWN, 0);
	begin_log();
	expect_success();
	expect_log("r pa r sa Pa r sa ia pb r sb ib wa wb r");
}

static void test_outgrown_early(void)
{
	set_policy(true, 0);
	dirty_groups(2);
	fail_once(MOCK_OUTGROWN, 0);
	begin_log();
	mock_early_pass();
	expect_log("pa sa ia pb sb ib r pa sa ia r");
	set_policy(false, 0);
	begin_log();
	expect_success();
	expect_log("r pa r sa Pa r sa ia wb wa r");
}

static void test_outgrown_and_redirtied(void)
{
	dirty_groups(1);
	mock_setup_pass();
	fail_once(MOCK_OUTGROWN, 0);
	let_act(dirty_first, MOCK_AT_REFS, NULL, 2);
	begin_log();
	expect_success();
	expect_log("r pa r sa Pa r sa ia wa pa r sa ia wa r");
}

static void test_outgrown_refs_fail(void)
{
	dirty_groups(1);
	mock_setup_pass();
	fail_once(MOCK_OUTGROWN, 0);
	fail_once(MOCK_REFS_FAIL, 2);
	begin_log();
	expect_error(-EIO);
	expect_log("r pa r sa Pa r");
}

/* Reserved space */

static void reserve_in_first(void)
{
	groups[0]->reserved = 1;
}

static void test_reserved_early(void)
{
	set_policy(true, 0);
	dirty_groups(2);
	reserve_in_first();
	begin_log();
	mock_early_pass();
	expect_log("pa ia pb sb ib r pa ia r");
	set_policy(false, 0);
	begin_log();
	expect_success();
	expect_log("r pa r sa ia wb wa r");
}

static void test_reserved_meanwhile(void)
{
	set_policy(true, 0);
	dirty_groups(1);
	let_act(reserve_in_first, MOCK_AT_START, groups[0], 0);
	begin_log();
	mock_early_pass();
	expect_log("pa sa ia r wa pa ia r");
	set_policy(false, 0);
	begin_log();
	expect_success();
	expect_log("r pa r sa ia wa r");
}

static void test_reserved_without_cache(void)
{
	set_policy(true, 0);
	dirty_groups(1);
	reserve_in_first();
	fail_once(MOCK_TOO_SMALL, 0);
	begin_log();
	mock_early_pass();
	expect_log("pa ia r");
	mock_check(!mock_is_dirty(groups[0]), "a was left to the commit");
	groups[0]->reserved = 0;
	set_policy(false, 0);
	expect_success();
}

static void test_reserved_and_failed(void)
{
	set_policy(true, 0);
	dirty_groups(1);
	fail_once(MOCK_NOT_STARTED, 0);
	let_act(reserve_in_first, MOCK_AT_START, groups[0], 0);
	mock_early_pass();
	mock_check(!mock_is_dirty(groups[0]), "a was left to the commit");
	groups[0]->reserved = 0;
	set_policy(false, 0);
	expect_success();
}

/* What the commit does anyway */

static void test_delayed_work(void)
{
	begin_log();
	mock_check(!mock_delayed_work(), "failed");
	expect_log("d r");
}

static void test_delayed_work_fails(void)
{
	fail_once(MOCK_DELAYED_ITEMS_FAIL, 0);
	begin_log();
	mock_check(mock_delayed_work() == -EIO, "did not fail");
	expect_log("d");
	mock_reset();
	mock_begin();
	fail_once(MOCK_REFS_FAIL, 0);
	mock_check(mock_delayed_work() == -EIO, "did not fail");
	mock_reset();
}

/* Caches that are complete when the early pass ends */

static void test_complete_early(void)
{
	set_policy(true, 0);
	dirty_groups(3);
	fail_once(MOCK_COMPLETE, 1);
	begin_log();
	mock_early_pass();
	expect_log("pa sa ia pb sb ib pc sc ic r wb");
	set_policy(false, 0);
	begin_log();
	expect_success();
	expect_log("r wa wc r");
}

static void test_complete_and_redirtied(void)
{
	set_policy(true, 0);
	dirty_groups(1);
	let_act(dirty_first, MOCK_AT_WAIT, groups[0], 0);
	fail_once(MOCK_COMPLETE, 0);
	begin_log();
	mock_early_pass();
	expect_log("pa sa ia r wa");
	set_policy(false, 0);
	begin_log();
	expect_success();
	expect_log("r pa r sa ia wa r");
}

/* Items that are not in the tree yet */

static void create_of_joiner(void)
{
	dirty_groups(1);
	create_and_dirty(MOCK_ITEM_JOINER);
}

static void test_item_deferred(void)
{
	set_policy(true, 0);
	create_of_joiner();
	mock_early_pass();
	mock_check(mock_is_dirty(groups[GROUPS - 1]), "b is not dirty");
	mock_check(mock.reservations == 1, "%d reservations",
		   mock.reservations);
	set_policy(false, 0);
	expect_success();
}

static void dirty_last(void)
{
	mock_dirty(groups[GROUPS - 1]);
}

static void test_item_deferred_by_other(void)
{
	set_policy(true, 0);
	create_of_joiner();
	let_act(dirty_last, MOCK_AT_ITEM, groups[GROUPS - 1], 0);
	mock_early_pass();
	mock_check(mock.reservations == 1, "%d reservations",
		   mock.reservations);
	set_policy(false, 0);
	expect_success();
}

static void test_item_pending(void)
{
	set_policy(true, 0);
	dirty_groups(1);
	create_and_dirty(MOCK_ITEM_OURS);
	begin_log();
	expect_success();
	expect_log("pa sa ia pb sb ib r r wa wb r");
}

static void test_item_by_refs(void)
{
	dirty_groups(1);
	let_act(create_ours, MOCK_AT_SET_UP, groups[0], 1);
	expect_success();
	mock_check(!mock.writer_waits, "waited for other writers");
}

static void test_item_of_worker(void)
{
	dirty_groups(2);
	mock_setup_pass();
	let_act(create_of_worker, MOCK_AT_START, groups[1], 0);
	begin_log();
	expect_success();
	expect_log("r pa r sa ia pb r sb ib pc r sc ic ic wa wb wc r");
	mock_check(mock.writer_waits == 1, "waited %d times for writers",
		   mock.writer_waits);
}

static void test_item_never(void)
{
	dirty_groups(1);
	create_and_dirty(MOCK_ITEM_NEVER);
	expect_error(-ENOENT);
	mock_check(mock.aborts, "not aborted");
}

/* Errors */

static void test_item_fails_commit(void)
{
	dirty_groups(5);
	mock_setup_pass();
	fail_once(MOCK_ITEM_FAILS, 2);
	begin_log();
	expect_error(-EIO);
	expect_log("r pa r sa ia pb r sb ib pc r sc ic wa wb wc");
}

static void test_item_fails_early(void)
{
	set_policy(true, 0);
	dirty_groups(5);
	fail_once(MOCK_ITEM_FAILS, 2);
	begin_log();
	expect_error(-EIO);
	expect_log("pa sa ia pb sb ib pc sc ic da db dc");
}

static void test_refs_fail_commit(void)
{
	dirty_groups(4);
	fail_once(MOCK_REFS_FAIL, 3);
	expect_error(-EIO);
	mock_check(mock.started == 2 && mock.waited == 2,
		   "%d started, %d waited for", mock.started, mock.waited);
}

static void test_refs_fail_early(void)
{
	set_policy(true, 0);
	dirty_groups(4);
	let_act(create_present, MOCK_AT_SET_UP, groups[3], 0);
	fail_once(MOCK_REFS_FAIL, 0);
	expect_error(-EIO);
	mock_check(mock.started == 4 && mock.discarded == 4,
		   "%d started, %d discarded", mock.started, mock.discarded);
}

static void expect_two_of_three(enum mock_fault fault)
{
	int early;

	for (early = 0; early < 2; early++) {
		mock_reset();
		set_policy(early, 0);
		dirty_groups(3);
		fail_once(fault, 1);
		expect_success();
		mock_check(mock.started == 2, "%d started", mock.started);
	}
}

static void test_not_set_up(void)
{
	/* Without the early pass, the setup pass tries each as well. */
	int early;

	for (early = 0; early < 2; early++) {
		mock_reset();
		set_policy(early, 0);
		dirty_groups(3);
		mock.faults[MOCK_NOT_SET_UP].times = early ? 3 : 6;
		expect_success();
		mock_check(!mock.started, "%d started", mock.started);
	}
}

static void test_not_started(void)
{
	expect_two_of_three(MOCK_NOT_STARTED);
}

static void test_nothing_to_start(void)
{
	expect_two_of_three(MOCK_NOTHING_TO_START);
}

static void test_write_fails(void)
{
	dirty_groups(3);
	mock.faults[MOCK_WRITE_FAILS].times = 3;
	expect_success();
	mock_check(mock.waited == 3, "%d waited for", mock.waited);
	mock_check(groups[0]->disk_cache_state == BTRFS_DC_ERROR &&
		   !groups[0]->cache_valid, "the cache of a looks valid");
}

static void test_no_path_setup(void)
{
	dirty_groups(2);
	fail_once(MOCK_NO_PATH, 0);
	begin_log();
	expect_error(-ENOMEM);
	expect_log("");
}

static void test_no_path_commit(void)
{
	set_policy(true, 0);
	dirty_groups(2);
	mock_early_pass();
	set_policy(false, 0);
	fail_once(MOCK_NO_PATH, 0);
	expect_error(-ENOMEM);
	mock_check(mock.discarded == 2, "%d discarded", mock.discarded);
}

/*
 * Without an abort other tasks commit the transaction, and the items of what
 * was dropped are never written; upstream 28b21c558a37 tells what else.
 */
static void test_no_path_early(void)
{
	set_policy(true, 0);
	dirty_groups(2);
	fail_once(MOCK_NO_PATH, 0);
	if (mock_early_pass())
		return;
	set_policy(false, 0);
	expect_success();
	mock_check(mock.started == 2, "%d started", mock.started);
}

/* Removal, before the critical section */

static void test_removed(void)
{
	set_policy(true, 0);
	dirty_groups(3);
	let_act(remove_second, MOCK_AT_MUTEX, NULL, 1);
	begin_log();
	expect_success();
	expect_log("pa sa ia pc sc ic r r wa wc r");
}

static void test_removed_in_flight(void)
{
	set_policy(true, 0);
	dirty_groups(3);
	let_act(remove_first, MOCK_AT_MUTEX, NULL, 1);
	begin_log();
	expect_success();
	expect_log("pa sa ia pb sb ib pc sc ic r r wb wc r");
	mock_check(mock.waited == 3, "%d waited for", mock.waited);
}

static void test_removed_last(void)
{
	int after;

	for (after = 0; after < 6; after++) {
		mock_reset();
		set_policy(true, 0);
		dirty_groups(2);
		let_act(remove_second, MOCK_AT_MUTEX, NULL, after);
		expect_success();
	}
}

static void remove_second_and_dirty_first(void)
{
	remove_second();
	dirty_first();
}

static void test_removed_and_failed(void)
{
	set_policy(true, 0);
	dirty_groups(3);
	let_act(remove_second_and_dirty_first, MOCK_AT_MUTEX, NULL, 1);
	fail_once(MOCK_ITEM_FAILS, 0);
	expect_error(-EIO);
}

/* Random transactions */

static int budget;

static bool one_in(unsigned int number)
{
	return mock_random(number) == 0;
}

static void dirty_any(void)
{
	struct btrfs_block_group *block_group = mock_any_group();

	if (block_group)
		mock_dirty(block_group);
}

static void create(enum mock_item item)
{
	if (mock.created < MOCK_GROUPS - 8)
		mock_dirty(mock_group(item));
	else
		dirty_any();
}

static void remove_any(void)
{
	struct btrfs_block_group *block_group = mock_any_group();

	if (block_group && block_group->item == MOCK_ITEM_PRESENT)
		mock_remove(block_group);
}

/* Tasks that join the transaction, or workers that complete a cache's IO. */
static void random_others_dirty(void)
{
	bool joiners = mock.phase == MOCK_EARLY;

	if (!joiners && !mock.mount.in_flight.value)
		return;
	if (!joiners && one_in(4))
		mock.transaction.num_writers.value++;
	if (one_in(4))
		create(joiners ? MOCK_ITEM_JOINER : MOCK_ITEM_WORKER);
	else
		dirty_any();
}

static void random_others(enum mock_point point,
			  struct btrfs_block_group *block_group)
{
	if (budget <= 0 || !one_in(4))
		return;
	budget--;
	if (block_group && mock.phase == MOCK_EARLY && one_in(8)) {
		block_group->reserved++;
		return;
	}
	if (point == MOCK_AT_MUTEX && one_in(2)) {
		remove_any();
		return;
	}
	if (point <= MOCK_AT_MUTEX || one_in(2)) {
		random_others_dirty();
		return;
	}
	/* Starting a cache writes to its file, it does not change trees. */
	if (point == MOCK_AT_START)
		return;
	if (block_group && one_in(3))
		mock_dirty(block_group);
	else if (one_in(4))
		create(one_in(20) ? MOCK_ITEM_NEVER : MOCK_ITEM_OURS);
	else
		dirty_any();
}

static void random_faults(void)
{
	int i;

	for (i = 0; i < MOCK_NR_FAULTS; i++)
		mock.faults[i].chance = one_in(4) ? mock_random(60) : 0;
	mock.faults[MOCK_NO_PATH].chance /= 4;
	mock.faults[MOCK_SET_UP_ABORTS].chance /= 8;
	mock.faults[MOCK_ITEM_FAILS].chance /= 4;
	mock.faults[MOCK_REFS_FAIL].chance /= 4;
}

static void random_transaction(bool faults)
{
	static const unsigned int windows[] = { 0, 1, 2, 3, 8 };
	unsigned int i, number = mock_random(12);

	mock_begin();
	mock.others = random_others;
	budget = (int)mock_random(20);
	set_policy(one_in(2), windows[mock_random(5)]);
	if (faults)
		random_faults();
	mock.faults[MOCK_COMPLETE].chance = mock_random(1000);
	for (i = 0; i < number; i++) {
		if (one_in(3) && mock.created < MOCK_GROUPS / 4)
			mock_dirty(mock_group(one_in(4) ? MOCK_ITEM_JOINER :
							  MOCK_ITEM_PRESENT));
		else
			dirty_any();
	}
	/* An aborted filesystem stays so. */
	if (mock_transaction() || one_in(50))
		mock_reset();
}

static void random_transactions(bool faults)
{
	const char *text = getenv("TRANSACTIONS");
	long i, number = text ? atol(text) : 100000;

	/* The generator stands still at zero. */
	mock_seed = first_seed * 0x9e3779b97f4a7c15ULL | 1;
	for (i = 0; i < number; i++) {
		static char story[80];

		snprintf(story, sizeof(story),
			 "in random transaction %ld, SEED=%llu", i,
			 (unsigned long long)first_seed);
		random_story = story;
		random_transaction(faults);
	}
	random_story = "";
}

static void test_random(void)
{
	random_transactions(false);
}

static void test_random_failures(void)
{
	random_transactions(true);
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "two_stage starts every cache before it waits for the first",
	  test_two_stage },
	{ "serial never has two caches in flight", test_serial },
	{ "an early pass with a window of 1 is serial too",
	  test_early_serial },
	{ "a window of 8 is never exceeded and is reached", test_window },
	{ "without a window every cache is in flight at once",
	  test_no_window },
	{ "a full window waits for the oldest cache", test_window_oldest },
	{ "the early pass leaves its caches to the commit pass",
	  test_early },
	{ "the early pass writes what is dirtied meanwhile, once",
	  test_early_rounds },
	{ "the early pass does nothing when nothing is dirty",
	  test_early_nothing },
	{ "the early pass gives its mutex away after each block group",
	  test_mutex_given_away },
	{ "the setup pass sets up the caches that have no file ready",
	  test_setup_clear_only },
	{ "the setup pass sets up what it dirties itself",
	  test_setup_appended },
	{ "a block group dirtied again under IO is waited for and written again",
	  test_redirtied_commit },
	{ "so it is in the early pass", test_redirtied_early },
	{ "a block group whose own setup dirties it is written again",
	  test_redirtied_by_itself },
	{ "a block group dirtied while it is waited for is written again",
	  test_redirtied_in_wait },
	{ "what the last delayed refs dirty is written before the commit ends",
	  test_dirtied_in_refs },
	{ "a cache that outgrew its file gets one of the distribution's size, once",
	  test_outgrown_commit },
	{ "a cache that outgrows its file early is left to the critical section",
	  test_outgrown_early },
	{ "a cache that has got a large file keeps it when it is written again",
	  test_outgrown_and_redirtied },
	{ "delayed refs that fail before a cache is started again end the commit",
	  test_outgrown_refs_fail },
	{ "a block group with reserved space is left to the critical section",
	  test_reserved_early },
	{ "so is one in which space is reserved while its cache is started",
	  test_reserved_meanwhile },
	{ "reserved space does not matter where there is no cache to write",
	  test_reserved_without_cache },
	{ "nor where the cache failed", test_reserved_and_failed },
	{ "delayed items are run before the early pass, and then their refs",
	  test_delayed_work },
	{ "delayed items or refs that fail abort before the early pass",
	  test_delayed_work_fails },
	{ "the early pass collects what is complete when it ends, and nothing else",
	  test_complete_early },
	{ "what is dirtied again while it is collected is written again",
	  test_complete_and_redirtied },
	{ "an item that is not in the tree yet is retried in the critical section and its reservation kept",
	  test_item_deferred },
	{ "an item retried because somebody dirtied its block group keeps one reservation",
	  test_item_deferred_by_other },
	{ "the early pass inserts the items of its own new block groups first",
	  test_item_pending },
	{ "delayed refs insert the items of new block groups before they are updated",
	  test_item_by_refs },
	{ "an item that a worker has yet to insert is retried after all workers",
	  test_item_of_worker },
	{ "an item that never appears aborts the commit", test_item_never },
	{ "an item that cannot be updated aborts and leaves nothing behind",
	  test_item_fails_commit },
	{ "an item that cannot be updated early aborts and leaves nothing behind",
	  test_item_fails_early },
	{ "delayed refs that fail in a commit pass end it, caches waited for",
	  test_refs_fail_commit },
	{ "delayed refs that fail in the early pass end it with their error",
	  test_refs_fail_early },
	{ "a cache that cannot be set up does not fail the commit",
	  test_not_set_up },
	{ "a cache that cannot be written does not fail the commit",
	  test_not_started },
	{ "a cache that is not written is not waited for",
	  test_nothing_to_start },
	{ "a cache whose write fails does not fail the commit",
	  test_write_fails },
	{ "a setup pass without memory changes nothing",
	  test_no_path_setup },
	{ "a commit pass without memory leaves its caches to the cleanup",
	  test_no_path_commit },
	{ "an early pass without memory loses nothing, or aborts",
	  test_no_path_early },
	{ "a block group removed between two starts is not touched",
	  test_removed },
	{ "a block group removed under IO is waited for by its remover alone",
	  test_removed_in_flight },
	{ "the last dirty block group may be removed at any time",
	  test_removed_last },
	{ "removal and failure in one early pass leave nothing behind",
	  test_removed_and_failed },
	{ "random transactions write every item and no stale cache",
	  test_random },
	{ "random transactions with failures keep references, reservations and lists balanced",
	  test_random_failures },
};

static bool run(void (*test)(void))
{
	mock_reset();
	if (setjmp(mock_give_up)) {
		if (*random_story)
			printf("# %s\n", random_story);
		random_story = "";
		return false;
	}
	test();
	return true;
}

int main(void)
{
	const char *seed = getenv("SEED");
	size_t i, number = sizeof(tests) / sizeof(tests[0]);

	first_seed = seed ? strtoull(seed, NULL, 10) : (u64)time(NULL);
	tap_plan((int)number);
	printf("# SEED=%llu\n", (unsigned long long)first_seed);
	for (i = 0; i < number; i++)
		tap_result(run(tests[i].run), tests[i].name);
	mock_reset();
	return tap_exit_status();
}
