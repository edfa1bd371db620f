/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults in setting up a cache file under policy `stock`, in inserting and updating an
 * item under every policy, and in any path of block-group.c, as a pass of stock btrfs
 * has; see fault.h. Included by the seam of block-group.c.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "delayed-ref.h"
#include "disk-io.h"
#include "transaction.h"

#include "../compat/headers.h"
#include "../fault-cache-file.h"

/* Then the early pass is over, and the commit waits for this handle. */
static inline void twostage_insert_late(struct btrfs_trans_handle *trans)
{
	const unsigned long end = jiffies + 60 * HZ;

	if (!twostage_fault(TWOSTAGE_FAULT_insert_late))
		return;
	while (READ_ONCE(trans->transaction->state) < TRANS_STATE_COMMIT_START &&
	       !WARN_ON_ONCE(time_after(jiffies, end)))
		msleep(20);
}

#define btrfs_insert_item(trans, ...)					\
	(twostage_insert_late(trans), btrfs_insert_item(trans, __VA_ARGS__))
#define btrfs_alloc_path()						\
	(twostage_fault(TWOSTAGE_FAULT_stock_path) ? NULL : btrfs_alloc_path())
#define btrfs_run_delayed_refs(trans, ...)				\
	TWOSTAGE_FAILING_REFS(trans,					\
			      btrfs_run_delayed_refs(trans, __VA_ARGS__))
#define update_block_group_item(first, ...)				\
	TWOSTAGE_FAILING_STATIC(item, update_block_group_item, first,	\
				__VA_ARGS__)
