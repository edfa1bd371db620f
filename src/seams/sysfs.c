// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of sysfs.c: the state of a mount comes, is renamed and goes with the
 * filesystem's directory in sysfs, which exists from before the first commit
 * until after the last one. The module's own directory: see module.c.
 */
#include "ctree.h"
#include "sysfs.h"

#include "../module.h"

int stock_sysfs_add_mounted(struct btrfs_fs_info *fs_info);
void stock_sysfs_remove_mounted(struct btrfs_fs_info *fs_info);
void stock_sysfs_update_sprout_fsid(struct btrfs_fs_devices *fs_devices);

#define btrfs_init_sysfs stock_init_sysfs
#define btrfs_exit_sysfs stock_exit_sysfs
#define btrfs_sysfs_add_mounted stock_sysfs_add_mounted
#define btrfs_sysfs_remove_mounted stock_sysfs_remove_mounted
#define btrfs_sysfs_update_sprout_fsid stock_sysfs_update_sprout_fsid
#include <fs/btrfs/sysfs.c>
#undef btrfs_init_sysfs
#undef btrfs_exit_sysfs
#undef btrfs_sysfs_add_mounted
#undef btrfs_sysfs_remove_mounted
#undef btrfs_sysfs_update_sprout_fsid

#include "../mount.h"

struct kobject *twostage_module_kobj(void)
{
	return &btrfs_kset->kobj;
}

int btrfs_sysfs_add_mounted(struct btrfs_fs_info *fs_info)
{
	int ret;

	ret = stock_sysfs_add_mounted(fs_info);
	if (ret)
		return ret;
	ret = twostage_mount_add(fs_info);
	if (ret)
		stock_sysfs_remove_mounted(fs_info);
	return ret;
}

void btrfs_sysfs_remove_mounted(struct btrfs_fs_info *fs_info)
{
	/* They look the mount's state up when they load a cache. */
	btrfs_flush_workqueue(fs_info->caching_workers);
	twostage_mount_remove(fs_info);
	stock_sysfs_remove_mounted(fs_info);
}

void btrfs_sysfs_update_sprout_fsid(struct btrfs_fs_devices *fs_devices)
{
	struct twostage_mount *mount = twostage_mount_find(fs_devices->fs_info);

	stock_sysfs_update_sprout_fsid(fs_devices);
	if (mount)
		twostage_history_rename(mount);
}
