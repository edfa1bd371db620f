/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a test of the writeout engine can see of its surroundings, and decide.
 *
 * One filesystem, one transaction at a time, one thread. ->others plays the other
 * tasks: it is called wherever they could run, within the calls that sleep and after
 * a lock was dropped. Nothing else changes the block groups behind the engine's back.
 */
#ifndef WRITEOUT_MOCK_H
#define WRITEOUT_MOCK_H

#include <setjmp.h>

#include "mock.h"
#include "mount.h"

#define MOCK_GROUPS 64

enum mock_phase {
	MOCK_OUTSIDE,
	MOCK_EARLY,
	MOCK_SETUP,
	MOCK_COMMIT,
};

/* Where other tasks may run, or the engine's own allocations dirty groups. */
enum mock_point {
	MOCK_AT_SPIN,		/* dirty_bgs_lock is free */
	MOCK_AT_MUTEX,		/* so is cache_write_mutex */
	MOCK_AT_PENDING,
	MOCK_AT_SET_UP,
	MOCK_AT_REFS,
	MOCK_AT_START,
	MOCK_AT_WAIT,
	MOCK_AT_ITEM,
};

enum mock_fault {
	MOCK_NO_PATH,
	MOCK_SET_UP_ABORTS,
	MOCK_NOT_SET_UP,	/* the cache file's state becomes ERROR */
	MOCK_TOO_SMALL,		/* it becomes WRITTEN: no cache for this one */
	MOCK_LEFT_CLEAR,	/* it stays CLEAR */
	MOCK_NOT_STARTED,	/* starting returns an error */
	MOCK_OUTGROWN,		/* so it does: there is no room in a fitted file */
	MOCK_NOTHING_TO_START,	/* starting returns 0, nothing is in flight */
	MOCK_COMPLETE,		/* nothing of it is in flight when somebody asks */
	MOCK_WRITE_FAILS,	/* waiting returns an error */
	MOCK_ITEM_FAILS,
	MOCK_REFS_FAIL,
	MOCK_DELAYED_ITEMS_FAIL,
	MOCK_NR_FAULTS
};

struct mock_fault_plan {
	unsigned int chance;	/* in 1000 */
	int after;		/* so often it does not happen, */
	int times;		/* then so often it does */
};

struct mock {
	struct twostage_mount mount;
	struct btrfs_fs_info fs_info;
	struct btrfs_transaction transaction;
	struct btrfs_trans_handle trans;

	struct mock_fault_plan faults[MOCK_NR_FAULTS];
	void (*others)(enum mock_point point, struct btrfs_block_group *group);
	bool others_run;

	struct btrfs_block_group *groups[MOCK_GROUPS];
	int created;
	enum mock_phase phase;
	struct btrfs_path path;
	bool path_taken;
	bool path_refused;
	bool plugged;
	bool failed;		/* the engine was told of an error */

	u64 sequence;
	u64 refs_at;
	u64 writers_waited_at;
	int entries;		/* of the dirty lists */
	int reservations;

	int started, waited, discarded, peak;
	int mutex_taken;
	int writer_waits;

	/*
	 * The calls: p set up, P with a whole file, s start, i item, w wait, d discard,
	 * each with the block group's name; r delayed refs, d delayed items.
	 */
	char log[4096];
	size_t log_length;
};

extern struct mock mock;
extern jmp_buf mock_give_up;
extern u64 mock_seed;

unsigned int mock_random(unsigned int below);

/* A rule that does not hold ends the test. */
void mock_broken(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
#define mock_check(condition, ...)					\
	do {								\
		if (!(condition))					\
			mock_broken(__VA_ARGS__);			\
	} while (0)

void mock_reset(void);
void mock_begin(void);
struct btrfs_block_group *mock_group(enum mock_item item);
struct btrfs_block_group *mock_any_group(void);
void mock_dirty(struct btrfs_block_group *block_group);
void mock_remove(struct btrfs_block_group *block_group);

/* Each checks what must hold when it is done. */
int mock_delayed_work(void);
int mock_early_pass(void);
int mock_setup_pass(void);
int mock_transaction(void);

#endif /* WRITEOUT_MOCK_H */
