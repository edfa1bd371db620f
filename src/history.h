/* SPDX-License-Identifier: GPL-2.0 */
/* The last commits of a mount; see history.c. */
#ifndef TWOSTAGE_HISTORY_H
#define TWOSTAGE_HISTORY_H

#include <linux/seqlock.h>
#include <linux/types.h>

#include "commit.h"

struct proc_dir_entry;

#define TWOSTAGE_NR_COMMITS 256

/**
 * struct twostage_history - the last commits
 * @lock: protects the rest; readers never hold it
 * @next: number of commits so far; the next one goes here, modulo the ring's size
 * @commits: a ring
 * @folder: its directory in /proc, or NULL
 */
struct twostage_history {
	seqlock_t lock;
	u64 next;
	struct twostage_commit commits[TWOSTAGE_NR_COMMITS];
	struct proc_dir_entry *folder;
};

int twostage_history_init(void);
void twostage_history_exit(void);

int twostage_history_add_mount(struct twostage_mount *mount);
void twostage_history_rename(struct twostage_mount *mount);
void twostage_history_remove_mount(struct twostage_mount *mount);
void twostage_history_append(struct twostage_history *history,
			     struct twostage_commit *commit, u64 entered);
void twostage_history_reset(struct twostage_history *history);

#endif /* TWOSTAGE_HISTORY_H */
