// SPDX-License-Identifier: GPL-2.0
/*
 * The table of mounted filesystems.
 *
 * Keyed by fs_info, because we cannot add a field to a stock structure. Readers
 * walk it under RCU; the state they find outlives every transaction of its
 * filesystem, and every worker that loads a cache.
 */
#include <linux/hashtable.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "ctree.h"
#include "control.h"
#include "defaults.h"
#include "mount.h"

static DEFINE_HASHTABLE(mounts, 6);
static DEFINE_MUTEX(mounts_lock);	/* protects changes of the table */

/**
 * twostage_mount_add - set up the state of a filesystem
 * @fs_info: a filesystem that is being mounted and has its sysfs directory
 *
 * Context: mount, before the first commit; may sleep.
 * Return: 0, or a negative errno with everything undone.
 */
int twostage_mount_add(struct btrfs_fs_info *fs_info)
{
	struct twostage_mount *mount;
	int ret;

	mount = kvzalloc(sizeof(*mount), GFP_KERNEL);
	if (!mount)
		return -ENOMEM;

	mount->fs_info = fs_info;
	spin_lock_init(&mount->lock);
	INIT_LIST_HEAD(&mount->committers);
	twostage_settle_init(&mount->settle);
	twostage_default_policy(&mount->configured);
	mount->active = mount->configured;

	ret = twostage_history_add_mount(mount);
	if (ret)
		goto free;
	ret = twostage_control_add(mount);
	if (ret)
		goto remove_history;

	mutex_lock(&mounts_lock);
	hash_add_rcu(mounts, &mount->node, (unsigned long)fs_info);
	mutex_unlock(&mounts_lock);

	btrfs_info(fs_info,
		   "mounted by btrfs_twostage, policy %s: this is not stock btrfs, report its bugs to the btrfs-twostage project",
		   twostage_policy_name(&mount->configured));
	return 0;

remove_history:
	twostage_history_remove_mount(mount);
free:
	kvfree(mount);
	return ret;
}

/**
 * twostage_mount_remove - free the state of a filesystem, if it has any
 * @fs_info: the filesystem, after its last commit
 *
 * Context: unmount, or a failed mount, when no cache is being loaded; may sleep.
 */
void twostage_mount_remove(struct btrfs_fs_info *fs_info)
{
	struct twostage_mount *mount = twostage_mount_find(fs_info);

	if (!mount)
		return;

	twostage_control_remove(mount);
	twostage_history_remove_mount(mount);

	mutex_lock(&mounts_lock);
	hash_del_rcu(&mount->node);
	mutex_unlock(&mounts_lock);
	synchronize_rcu();
	twostage_settle_free(&mount->settle);
	kvfree(mount);
}

/**
 * twostage_mount_find - look up the state of a filesystem
 * @fs_info: the filesystem
 *
 * Context: any; the caller keeps the filesystem mounted.
 * Return: its state, or NULL if it is not mounted yet or is the dummy of btrfs'
 * self-tests.
 */
struct twostage_mount *twostage_mount_find(const struct btrfs_fs_info *fs_info)
{
	struct twostage_mount *mount;

	rcu_read_lock();
	hash_for_each_possible_rcu(mounts, mount, node, (unsigned long)fs_info) {
		if (mount->fs_info == fs_info)
			break;
	}
	rcu_read_unlock();
	return mount;
}
