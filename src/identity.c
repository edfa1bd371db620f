// SPDX-License-Identifier: GPL-2.0
/*
 * The names under which the module registers.
 *
 * Beside the stock module everything is called btrfs_twostage. With takeover=1
 * it is called btrfs, and the stock module must not be loaded; this is checked
 * once, before anything is registered.
 *
 * Only the filesystem type given to mount is renamed. Superblocks keep the type
 * name "btrfs", because btrfs-progs looks for it in /proc/self/mounts before it
 * writes to a device.
 *
 * Everything but init_superblock_context(), which runs at each mount, runs when
 * the module is loaded or unloaded, in one task; may sleep.
 */
#include <linux/fs_context.h>

#include "identity.h"
#include "twostage_guard.h"

/* This file calls the real ones. */
#undef register_filesystem
#undef unregister_filesystem
#undef misc_register
#undef kset_create_and_add

#define TWOSTAGE_NAME "btrfs_twostage"

static bool takeover;
module_param(takeover, bool, 0444);
MODULE_PARM_DESC(takeover,
		 "register as btrfs in place of the stock module, which must not be loaded");

static int refuse_mount(struct fs_context *fc)
{
	return -EBUSY;
}

/*
 * Every exported way to look up a filesystem type may also load a module for it.
 * So register a type of that name for a moment: it fails if the name is taken.
 */
static struct file_system_type takeover_probe = {
	.owner = THIS_MODULE,
	.name = "btrfs",
	.init_fs_context = refuse_mount,
};

/**
 * twostage_may_register - check that our names are free
 *
 * Return: 0, or -EBUSY if takeover=1 was given and stock btrfs is loaded or
 * built in.
 */
int __init twostage_may_register(void)
{
	if (!takeover)
		return 0;
	if (register_filesystem(&takeover_probe)) {
		pr_err(TWOSTAGE_NAME ": takeover=1 refused: stock btrfs is loaded; unmount its filesystems, rmmod btrfs, and try again\n");
		return -EBUSY;
	}
	unregister_filesystem(&takeover_probe);
	return 0;
}

/**
 * twostage_kset_create_and_add - create the module's directory in /sys/fs
 * @name: stock btrfs' name for it
 * @ops: as for kset_create_and_add()
 * @parent: as for kset_create_and_add()
 */
struct kset *twostage_kset_create_and_add(const char *name,
					  const struct kset_uevent_ops *ops,
					  struct kobject *parent)
{
	return kset_create_and_add(takeover ? name : TWOSTAGE_NAME, ops,
				   parent);
}

/**
 * twostage_misc_register - register the control device
 * @device: stock btrfs' device
 */
int twostage_misc_register(struct miscdevice *device)
{
	if (!takeover) {
		device->name = TWOSTAGE_NAME "-control";
		device->minor = MISC_DYNAMIC_MINOR;
	}
	return misc_register(device);
}

/*
 * A mount begins with mount_type; its superblock gets stock btrfs' type, which
 * is not registered.
 */
static struct file_system_type *superblock_type;
static struct file_system_type mount_type = {
	.name = TWOSTAGE_NAME,
};

static int init_superblock_context(struct fs_context *fc)
{
	/* The context holds the module, which owns both types. */
	fc->fs_type = superblock_type;
	return superblock_type->init_fs_context(fc);
}

/*
 * A type without init_fs_context already gives its superblocks a second
 * type, so renaming it is enough.
 */
static struct file_system_type *type_to_register(struct file_system_type *type)
{
	if (takeover)
		return type;
	if (!type->init_fs_context) {
		type->name = TWOSTAGE_NAME;
		return type;
	}
	superblock_type = type;
	mount_type.owner = type->owner;
	mount_type.fs_flags = type->fs_flags;
	mount_type.init_fs_context = init_superblock_context;
	mount_type.parameters = type->parameters;
	mount_type.kill_sb = type->kill_sb;
	return &mount_type;
}

/**
 * twostage_register_filesystem - register the type given to mount
 * @type: stock btrfs' type
 *
 * This is the last thing that btrfs' initialization registers.
 */
int twostage_register_filesystem(struct file_system_type *type)
{
	struct file_system_type *registered = type_to_register(type);
	int ret;

	ret = register_filesystem(registered);
	if (ret)
		return ret;
	pr_notice(TWOSTAGE_NAME ": loaded, mounts as type %s, built from %s; this is not stock btrfs: report its bugs to the btrfs-twostage project, not to the btrfs developers\n",
		  registered->name, TWOSTAGE_SOURCE_VERSION);
	return 0;
}

/**
 * twostage_unregister_filesystem - undo twostage_register_filesystem()
 * @type: stock btrfs' type
 */
int twostage_unregister_filesystem(struct file_system_type *type)
{
	return unregister_filesystem(type == superblock_type ? &mount_type :
							       type);
}
