// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of block-group.c: the three functions that write dirty block groups, and the one
 * that reads all block groups at mount.
 *
 * Ours begin a pass, call our engine or, under policy `stock`, the stock function,
 * and end the pass. Setting up a cache file is counted either way. The items of block
 * groups are read ahead, and so are those of extents when a block group without a valid
 * cache is scanned.
 */
#include "ctree.h"
#include "block-group.h"

#include "seam.h"

static void counted_save_setup(struct btrfs_block_group *block_group,
			       struct btrfs_trans_handle *trans,
			       struct btrfs_path *path);
int stock_setup_space_cache(struct btrfs_trans_handle *trans);
int stock_start_dirty_block_groups(struct btrfs_trans_handle *trans);
int stock_write_dirty_block_groups(struct btrfs_trans_handle *trans);
int stock_read_block_groups(struct btrfs_fs_info *fs_info);
static int stock_load_extent_tree_free(struct btrfs_caching_control *caching_ctl);
static int twostage_load_extent_tree_free(struct btrfs_caching_control *caching_ctl);

#define cache_save_setup(first, ...)					\
	TWOSTAGE_SET_ASIDE(first, stock_save_setup,			\
			   counted_save_setup)(first, __VA_ARGS__)
#define btrfs_setup_space_cache stock_setup_space_cache
#define btrfs_start_dirty_block_groups stock_start_dirty_block_groups
#define btrfs_write_dirty_block_groups stock_write_dirty_block_groups
#define btrfs_read_block_groups stock_read_block_groups
#define load_extent_tree_free(first)					\
	TWOSTAGE_SET_ASIDE(first, stock_load_extent_tree_free,		\
			   twostage_load_extent_tree_free)(first)
#ifdef TWOSTAGE_FAULTS
#include "fault-block-group.h"
#endif
#include <fs/btrfs/block-group.c>
#undef cache_save_setup
#undef btrfs_setup_space_cache
#undef btrfs_start_dirty_block_groups
#undef btrfs_write_dirty_block_groups
#undef btrfs_read_block_groups
#undef load_extent_tree_free

#include "../compat/compat.h"
#include "../mount.h"
#include "../readahead.h"
#include "../writeout.h"

static void counted_save_setup(struct btrfs_block_group *block_group,
			       struct btrfs_trans_handle *trans,
			       struct btrfs_path *path)
{
	/* disk_cache_state tells the result. */
	stock_save_setup(block_group, trans, path);
	twostage_cache_set_up(block_group);
}

/*
 * While insert_block_group_item() runs in another task, it may overlap with the update:
 * either copies ->used, notes that the item says so, and then writes it. What is noted
 * last is not always written last, or the update may not find the item. Stock btrfs then
 * takes the item for right. If it says that nothing is used, the next mount allocates
 * what has data.
 */
int twostage_update_item(struct btrfs_trans_handle *trans,
			 struct btrfs_path *path,
			 struct btrfs_block_group *block_group)
{
	/* Until the item has been inserted. */
	bool may_lack_item = twostage_may_lack_item(block_group);
	int ret = update_block_group_item(trans, path, block_group);

	if (may_lack_item)
		twostage_forget_item(block_group);
	return ret;
}

static u32 count_dirty(struct btrfs_transaction *transaction)
{
	struct list_head *position;
	u32 dirty = 0;

	spin_lock(&transaction->dirty_bgs_lock);
	list_for_each(position, &transaction->dirty_bgs)
		dirty++;
	spin_unlock(&transaction->dirty_bgs_lock);
	return dirty;
}

typedef int (*our_pass)(struct btrfs_trans_handle *trans,
			struct twostage_mount *mount);
typedef int (*stock_pass)(struct btrfs_trans_handle *trans);

static int run_pass(struct btrfs_trans_handle *trans,
		    enum twostage_pass_kind kind, our_pass ours,
		    stock_pass stock)
{
	struct twostage_mount *mount = twostage_mount_find(trans->fs_info);
	struct twostage_pass pass = { .kind = kind, .transid = trans->transid };
	struct twostage_ahead *ahead;
	u32 dirty;
	int ret;

	if (!mount)
		return stock(trans);

	twostage_commit_join(mount, trans->transid);
	if (kind == TWOSTAGE_PASS_EARLY && !mount->active.stock) {
		if (!mount->active.early)
			return 0;
		ret = twostage_run_delayed_work(trans);
		if (ret)
			return ret;
	}
	twostage_settle_quiet(trans, mount, kind);
	dirty = count_dirty(trans->transaction);
	if (!dirty && kind != TWOSTAGE_PASS_COMMIT)
		return 0;

	ahead = twostage_read_ahead_dirty(trans, mount, btrfs_block_group_root(trans->fs_info),
					  dirty);
	twostage_pass_begin(mount, &pass, dirty);
	ret = mount->active.stock ? stock(trans) : ours(trans, mount);
	twostage_pass_end(mount, &pass, ret);
	twostage_read_ahead_end(ahead);
	return ret;
}

int btrfs_start_dirty_block_groups(struct btrfs_trans_handle *trans)
{
	return run_pass(trans, TWOSTAGE_PASS_EARLY, twostage_write_early,
			stock_start_dirty_block_groups);
}

int btrfs_setup_space_cache(struct btrfs_trans_handle *trans)
{
	if (!btrfs_test_opt(trans->fs_info, SPACE_CACHE))
		return 0;
	return run_pass(trans, TWOSTAGE_PASS_SETUP, twostage_set_up_caches,
			stock_setup_space_cache);
}

int btrfs_write_dirty_block_groups(struct btrfs_trans_handle *trans)
{
	return run_pass(trans, TWOSTAGE_PASS_COMMIT, twostage_write_commit,
			stock_write_dirty_block_groups);
}

int btrfs_read_block_groups(struct btrfs_fs_info *fs_info)
{
	struct twostage_ahead *ahead;
	int ret;

	ahead = twostage_read_ahead_block_groups(fs_info, btrfs_block_group_root(fs_info));
	ret = stock_read_block_groups(fs_info);
	twostage_read_ahead_end(ahead);
	return ret;
}

/* The caller holds commit_root_sem, which may be let go and taken again meanwhile. */
static int twostage_load_extent_tree_free(struct btrfs_caching_control *caching_ctl)
{
	struct twostage_ahead *ahead;
	int ret;

	ahead = twostage_read_ahead_extents(caching_ctl->block_group, false);
	ret = stock_load_extent_tree_free(caching_ctl);
	twostage_read_ahead_end(ahead);
	return ret;
}
