// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of transaction.c: marks where a commit and its critical section begin
 * and end, reads ahead for the delayed refs that a commit runs first, and notes which
 * tasks a critical section keeps from joining a transaction.
 *
 * Several tasks may enter btrfs_commit_transaction() for one transaction, and one
 * of them commits: the one that makes the two calls marked here, once per commit.
 * Each task has a struct twostage_committer on its stack; only that one's is used.
 */
#include "ctree.h"
#include "transaction.h"
#include "volumes.h"

#include "../compat/headers.h"

#include "../commit.h"
#include "../readahead.h"
#include "seam.h"

int stock_commit_transaction(struct btrfs_trans_handle *trans);

#define btrfs_commit_transaction(first)					\
	TWOSTAGE_SET_ASIDE(first, stock_commit_transaction,		\
			   btrfs_commit_transaction)(first)
/* 0 means what is queued so far, and is passed only where a commit begins. */
#define btrfs_run_delayed_refs(trans, which)				\
	((which) ? btrfs_run_delayed_refs(trans, which) :		\
		   twostage_run_delayed_refs(trans))
/* Its second argument came with a fix, which stable kernels have got, too. */
#define wait_current_trans(first, ...)					\
	TWOSTAGE_SET_ASIDE(first, stock_wait_current_trans,		\
			   twostage_wait_current_trans)(first, ##__VA_ARGS__)
#define twostage_wait_current_trans(fs_info, ...)			\
	do {								\
		const u64 twostage_began = twostage_join_begin();	\
									\
		stock_wait_current_trans(fs_info, ##__VA_ARGS__);	\
		twostage_join_end(fs_info, twostage_began);		\
	} while (0)
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
#undef btrfs_commit_transaction
#undef btrfs_run_delayed_refs
#undef wait_current_trans
#undef twostage_wait_current_trans
#undef btrfs_scrub_pause
#undef btrfs_commit_device_sizes

int btrfs_commit_transaction(struct btrfs_trans_handle *trans)
{
	struct twostage_committer committer;
	int ret;

	twostage_commit_enter(trans, &committer);
	ret = stock_commit_transaction(trans);
	twostage_commit_leave(&committer, ret);
	return ret;
}
