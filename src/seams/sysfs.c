// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of sysfs.c: our state of a filesystem comes and goes with its sysfs
 * directory, which is there before the first commit of a mount and until after
 * the last one, and is renamed with it. And the first thing that the module
 * registers, where a take-over that cannot be is refused, with what comes and goes
 * beside it.
 */
#include "ctree.h"
#include "sysfs.h"

int stock_init_sysfs(void);
void stock_exit_sysfs(void);
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

int __init btrfs_init_sysfs(void)
{
	int ret;

	ret = twostage_may_register();
	if (ret)
		return ret;
	ret = twostage_history_init();
	if (ret)
		return ret;
	ret = stock_init_sysfs();
	if (ret)
		goto exit_history;
	ret = twostage_totals_add(&btrfs_kset->kobj);
	if (ret)
		goto exit_sysfs;
	return 0;

exit_sysfs:
	stock_exit_sysfs();
exit_history:
	twostage_history_exit();
	return ret;
}

void __cold btrfs_exit_sysfs(void)
{
	twostage_totals_remove();
	stock_exit_sysfs();
	twostage_history_exit();
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
