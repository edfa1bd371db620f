// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of transaction.c: marks where the critical section of a commit begins
 * and ends.
 *
 * btrfs_commit_transaction() cannot be wrapped for that: several tasks enter
 * it for one transaction, and only one of them commits. The two calls marked
 * here are made by that task alone, once in each commit.
 */
#include "ctree.h"
#include "transaction.h"
#include "volumes.h"

#include "../compat/headers.h"

#include "../counters.h"

#define btrfs_scrub_pause(fs_info)					\
	do {								\
		btrfs_scrub_pause(fs_info);				\
		twostage_critical_begin(fs_info);			\
	} while (0)
#define btrfs_commit_device_sizes(transaction)				\
	do {								\
		btrfs_commit_device_sizes(transaction);			\
		twostage_critical_end((transaction)->fs_info,		\
				      (transaction)->transid);		\
	} while (0)
#include <fs/btrfs/transaction.c>
