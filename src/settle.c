// SPDX-License-Identifier: GPL-2.0
/*
 * Not writing a cache that the next commit would write again.
 *
 * With settle, a data block group that is dirtied is put off: its cache is marked
 * invalid, as setting up does first, and that is all. It is unsettled now. When it
 * has not been dirtied for as many commits as settle says, its cache is written, in
 * the usual two stages. Every kernel and every tool knows an invalid cache: the next
 * mount looks the free space up in the extent tree. So after a crash it is as if the
 * unsettled block groups had never had a cache.
 *
 * On disk, a cache is invalid if the generation of its inode is 0, and valid
 * otherwise. What is kept here only remembers when a block group was dirtied: it may
 * know block groups that are settled or gone, it does not know those whose free space
 * nobody has needed since the mount, and it forgets everything at unmount.
 *
 * Freed space is pinned until the transaction has been committed, and until then a
 * cache would lack it. So a block group is not quiet before its last transaction is
 * on disk.
 *
 * Writing a cache dirties block groups: those that it allocates from and frees into.
 * If they were put off, a filesystem would never be settled. So once a commit has
 * begun to write what is quiet, it also writes what was settled until then. The caches
 * of metadata block groups are written in every commit: the data block group that holds
 * their files is never quiet.
 *
 * Everything is written before unmount and before a remount as read-only, and by the
 * first commit under a policy that writes every cache. What cannot be written (it is
 * read-only, its free space is not known, there is no space, an error) stays
 * unsettled and is tried again later.
 *
 * Context: passes, which never overlap, and workers that load caches. May sleep.
 * Locks: settle->lock is innermost but for spinlocks; cache_write_mutex may be held.
 */
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "ctree.h"
#include "block-group.h"
#include "transaction.h"

#include "compat/settle.h"
#include "cache-file.h"
#include "mount.h"
#include "settle.h"

/*
 * With files that fit, a cache costs a commit 0.15 ms or less, and all of them
 * together one latency of the device: this many make it 10 ms longer.
 */
#define MOST_PER_COMMIT		64
/* There may be thousands, which one transaction need not hold. */
#define MOST_OF_ALL		1024
/* How many of those that are left are named. */
#define MOST_NAMED		8

/**
 * struct unsettled - a block group whose cache is invalid
 * @rb_node: entry in the tree
 * @node: entry in the list
 * @start: the block group's logical address
 * @since: the transaction in which it was dirtied last, or could not be written
 * @quiet: number of commits from one to the next of these, 0 at first
 * @settling: the last transaction that was to write its cache
 */
struct unsettled {
	struct rb_node rb_node;
	struct list_head node;
	u64 start;
	u64 since;
	u32 quiet;
	u64 settling;
};

void twostage_settle_init(struct twostage_settle *settle)
{
	mutex_init(&settle->lock);
	settle->groups = RB_ROOT;
	INIT_LIST_HEAD(&settle->list);
}

static int compare_start(const void *key, const struct rb_node *node)
{
	const u64 start = rb_entry(node, struct unsettled, rb_node)->start;

	return *(const u64 *)key < start ? -1 : *(const u64 *)key > start;
}

static int compare_nodes(struct rb_node *one, const struct rb_node *other)
{
	return compare_start(&rb_entry(one, struct unsettled, rb_node)->start, other);
}

/* Returns NULL if it is not unsettled. */
static struct unsettled *recall(struct twostage_settle *settle, u64 start)
{
	return rb_entry_safe(rb_find(&start, &settle->groups, compare_start),
			     struct unsettled, rb_node);
}

/* Returns NULL if there is no memory. */
static struct unsettled *remember(struct twostage_settle *settle, u64 start)
{
	struct unsettled *unsettled;

	unsettled = kzalloc(sizeof(*unsettled), GFP_NOFS);
	if (!unsettled)
		return NULL;
	unsettled->start = start;
	rb_find_add(&unsettled->rb_node, &settle->groups, compare_nodes);
	list_add(&unsettled->node, &settle->list);
	atomic_inc(&settle->num);
	return unsettled;
}

static void forget(struct twostage_settle *settle, struct unsettled *unsettled)
{
	rb_erase(&unsettled->rb_node, &settle->groups);
	list_del(&unsettled->node);
	kfree(unsettled);
	atomic_dec(&settle->num);
}

/* Its turn begins anew. */
static void touch(struct twostage_settle *settle, struct unsettled *unsettled, u64 transid)
{
	if (unsettled->since && unsettled->since != transid)
		unsettled->quiet = transid - unsettled->since;
	unsettled->since = transid;
	list_move_tail(&unsettled->node, &settle->list);
}

static void forget_all(struct twostage_settle *settle)
{
	struct unsettled *unsettled, *next;

	list_for_each_entry_safe(unsettled, next, &settle->list, node)
		forget(settle, unsettled);
}

/* After the last commit, and when no cache is being loaded. */
void twostage_settle_free(struct twostage_settle *settle)
{
	forget_all(settle);
}

/* A block group that has a cache, and whose cache may be put off. */
static bool may_be_unsettled(const struct btrfs_block_group *block_group)
{
	return (block_group->flags & BTRFS_BLOCK_GROUP_TYPE_MASK) ==
		       BTRFS_BLOCK_GROUP_DATA &&
	       block_group->length >= TWOSTAGE_LEAST_LENGTH &&
	       btrfs_test_opt(block_group->fs_info, SPACE_CACHE);
}

static bool settles(const struct twostage_policy *policy)
{
	return policy->settle && !policy->stock;
}

/**
 * twostage_settle_join - begin the commit of another transaction
 * @mount: the filesystem's state, with the policy of this commit
 *
 * If the policy writes every cache from now on, this commit writes what is unsettled,
 * with our engine; and so do those that follow, as long as it gets less.
 *
 * Context: as for twostage_commit_join(), under mount->lock.
 */
void twostage_settle_join(struct twostage_mount *mount)
{
	struct twostage_settle *settle = &mount->settle;
	int num = atomic_read(&settle->num);

	settle->all = settle->unmounting;
	if (settles(&mount->active)) {
		settle->last = mount->active;
		settle->num_before = INT_MAX;
	} else if (num && num < settle->num_before) {
		settle->num_before = num;
		settle->all = true;
	}
	if (settle->all && num && mount->active.stock && settle->last.settle)
		mount->active = settle->last;
}

/**
 * twostage_puts_off - whether a dirty block group is left without a valid cache
 * @trans: the transaction
 * @mount: the filesystem's state
 * @block_group: the block group, which was just taken off the dirty list or is on it
 *
 * What is not put off is written in this transaction, even if it is dirtied again.
 * Without memory nothing is put off.
 *
 * Context: a pass. May sleep.
 */
bool twostage_puts_off(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
		       struct btrfs_block_group *block_group)
{
	struct twostage_settle *settle = &mount->settle;
	bool writes = settle->all || !settles(&mount->active);
	struct unsettled *unsettled;
	bool put_off = false, again;

	if ((writes && !atomic_read(&settle->num)) || !may_be_unsettled(block_group))
		return false;

	mutex_lock(&settle->lock);
	unsettled = recall(settle, block_group->start);
	if (!unsettled && !writes) {
		unsettled = remember(settle, block_group->start);
		/* Dirtied by the caches that this commit writes. */
		writes = settle->begun == trans->transid;
	}
	if (!unsettled)
		goto out;
	if (writes)
		unsettled->settling = trans->transid;
	put_off = unsettled->settling != trans->transid;
	if (!put_off)
		settle->begun = trans->transid;
	again = unsettled->since == trans->transid;
	touch(settle, unsettled, trans->transid);
	if (put_off && !again)
		twostage_cache_put_off(trans, mount, block_group, unsettled->quiet);
out:
	mutex_unlock(&settle->lock);
	return put_off;
}

/* Whether its cache would be right, and the block group is not about to be removed. */
static bool may_be_written(struct btrfs_block_group *block_group)
{
	bool ret;

	spin_lock(&block_group->lock);
	ret = !block_group->ro && block_group->cached == BTRFS_CACHE_FINISHED &&
	      !block_group->reserved;
	spin_unlock(&block_group->lock);
	return ret;
}

/*
 * Put a block group on the dirty list, as btrfs_update_block_group() does. Moves the
 * caller's reference there. Returns false if it is dirty already, or being written.
 */
static bool make_dirty(struct btrfs_trans_handle *trans,
		       struct btrfs_block_group *block_group)
{
	struct btrfs_transaction *transaction = trans->transaction;
	bool added;

	spin_lock(&transaction->dirty_bgs_lock);
	added = list_empty(&block_group->dirty_list) &&
		list_empty(&block_group->io_list);
	if (added) {
		spin_lock(&block_group->lock);
		block_group->disk_cache_state = BTRFS_DC_CLEAR;
		spin_unlock(&block_group->lock);
		list_add_tail(&block_group->dirty_list, &transaction->dirty_bgs);
	}
	spin_unlock(&transaction->dirty_bgs_lock);
	if (added)
		twostage_reserve_for_item(trans);
	return added;
}

/* Returns whether this commit writes its cache. */
static bool settle_one(struct btrfs_trans_handle *trans, struct twostage_settle *settle,
		       struct unsettled *unsettled)
{
	struct btrfs_block_group *block_group;
	bool added = false;

	block_group = btrfs_lookup_block_group(trans->fs_info, unsettled->start);
	if (!block_group || block_group->start != unsettled->start ||
	    !may_be_unsettled(block_group)) {
		forget(settle, unsettled);
	} else if (may_be_written(block_group) && make_dirty(trans, block_group)) {
		added = true;
		unsettled->settling = trans->transid;
		/* Success forgets it; after a failure it waits for its turn again. */
		touch(settle, unsettled, trans->transid);
	}
	if (block_group && !added)
		btrfs_put_block_group(block_group);
	return added;
}

static bool is_quiet(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
		     const struct unsettled *unsettled)
{
	if (unsettled->since > twostage_last_trans_committed(trans->fs_info))
		return false;
	return mount->settle.all ||
	       trans->transid - unsettled->since >= mount->active.settle;
}

/**
 * twostage_settle_quiet - put what is quiet on the dirty list
 * @trans: the transaction
 * @mount: the filesystem's state
 * @kind: the pass that is about to begin
 *
 * Before the first pass of our engine that sets up caches. If all is written, also
 * before the second: by then the transaction before is on disk. If the v1 cache is not
 * in use any more, nothing is unsettled.
 *
 * Context: as for that pass. Takes cache_write_mutex, so that no block group is being
 * removed, and dirty_bgs_lock. May sleep.
 */
void twostage_settle_quiet(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
			   enum twostage_pass_kind kind)
{
	struct twostage_settle *settle = &mount->settle;
	unsigned int left = settle->all ? MOST_OF_ALL : MOST_PER_COMMIT;
	struct unsettled *unsettled, *next;

	if (!atomic_read(&settle->num))
		return;
	if (!btrfs_test_opt(trans->fs_info, SPACE_CACHE)) {
		mutex_lock(&settle->lock);
		forget_all(settle);
		mutex_unlock(&settle->lock);
		return;
	}
	if (mount->active.stock || kind == TWOSTAGE_PASS_COMMIT ||
	    (kind == TWOSTAGE_PASS_SETUP && mount->active.early && !settle->all))
		return;

	mutex_lock(&trans->transaction->cache_write_mutex);
	mutex_lock(&settle->lock);
	list_for_each_entry_safe(unsettled, next, &settle->list, node) {
		/* Nothing is reserved for the items and files of what was clean. */
		if (!left || !is_quiet(trans, mount, unsettled) || twostage_may_empty(trans))
			break;
		left -= settle_one(trans, settle, unsettled);
	}
	mutex_unlock(&settle->lock);
	mutex_unlock(&trans->transaction->cache_write_mutex);
}

/**
 * twostage_settled - forget a block group whose cache is valid now
 * @trans: the transaction
 * @mount: the filesystem's state
 * @block_group: the block group
 *
 * Context: a task that waited for the cache. May sleep.
 */
void twostage_settled(struct btrfs_trans_handle *trans, struct twostage_mount *mount,
		      const struct btrfs_block_group *block_group)
{
	struct twostage_settle *settle = &mount->settle;
	struct unsettled *unsettled;
	u32 quiet;

	if (!atomic_read(&settle->num))
		return;
	mutex_lock(&settle->lock);
	unsettled = recall(settle, block_group->start);
	if (unsettled) {
		quiet = unsettled->quiet;
		forget(settle, unsettled);
		twostage_cache_settled(trans, mount, block_group, quiet);
	}
	mutex_unlock(&settle->lock);
}

/**
 * twostage_cache_not_loaded - note that a block group has no cache to load
 * @block_group: the block group
 *
 * Otherwise nothing would write one as long as it is quiet, and its free space would
 * be looked up after every mount.
 *
 * Context: a worker. May sleep.
 */
void twostage_cache_not_loaded(struct btrfs_block_group *block_group)
{
	struct twostage_mount *mount = twostage_mount_find(block_group->fs_info);
	struct twostage_settle *settle;
	bool puts_off;

	/* The cache of a seed is not written. */
	if (!mount || !may_be_unsettled(block_group) || READ_ONCE(block_group->ro))
		return;
	spin_lock(&mount->lock);
	puts_off = settles(&mount->configured);
	spin_unlock(&mount->lock);
	if (!puts_off)
		return;

	settle = &mount->settle;
	mutex_lock(&settle->lock);
	if (!recall(settle, block_group->start))
		remember(settle, block_group->start);
	mutex_unlock(&settle->lock);
}

static void name_unsettled(struct btrfs_fs_info *fs_info, struct twostage_settle *settle)
{
	struct unsettled *unsettled;
	char names[MOST_NAMED * 21 + 1] = "";
	int named = 0, length = 0;

	mutex_lock(&settle->lock);
	list_for_each_entry(unsettled, &settle->list, node) {
		if (named++ == MOST_NAMED)
			break;
		length += scnprintf(names + length, sizeof(names) - length, " %llu",
				    unsettled->start);
	}
	mutex_unlock(&settle->lock);
	btrfs_warn(fs_info,
		   "%d block groups are left without a valid free space cache, the next mount looks it up in the extent tree:%s%s",
		   atomic_read(&settle->num), names, named > MOST_NAMED ? " ..." : "");
}

/**
 * twostage_settle_all - commit for the last time, and leave nothing unsettled
 * @fs_info: the filesystem
 * @commit_super: the stock function that commits what there is
 *
 * Commits until nothing is unsettled, or a commit gets none of it written, which is no
 * error. At unmount what is left is named.
 *
 * Context: unmount, or a remount as read-only. May sleep.
 * Return: 0, or the negative errno of a commit.
 */
int twostage_settle_all(struct btrfs_fs_info *fs_info,
			int (*commit_super)(struct btrfs_fs_info *fs_info))
{
	struct twostage_mount *mount = twostage_mount_find(fs_info);
	struct btrfs_trans_handle *trans;
	struct twostage_settle *settle;
	int num, before = INT_MAX, ret;

	if (!mount)
		return commit_super(fs_info);

	settle = &mount->settle;
	settle->unmounting = true;
	ret = commit_super(fs_info);
	while (!ret && !BTRFS_FS_ERROR(fs_info)) {
		num = atomic_read(&settle->num);
		if (!num || num >= before)
			break;
		before = num;
		trans = btrfs_join_transaction(fs_info->tree_root);
		ret = IS_ERR(trans) ? PTR_ERR(trans) : btrfs_commit_transaction(trans);
	}
	settle->unmounting = false;
	if (!ret && atomic_read(&settle->num) &&
	    test_bit(BTRFS_FS_CLOSING_START, &fs_info->flags))
		name_unsettled(fs_info, settle);
	return ret;
}
