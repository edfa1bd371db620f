// SPDX-License-Identifier: GPL-2.0
/*
 * What the module registers, and under which name.
 *
 * Beside the stock module everything has the name btrfs_twostage. With
 * takeover=1 it is btrfs, and then the stock module must not be there: that
 * is asked once, before anything is registered.
 *
 * Only the type that one mounts by is renamed. Superblocks keep the type name
 * "btrfs", because btrfs-progs looks for it in /proc/self/mounts before it
 * writes to a device.
 *
 * All of it runs when the module is loaded or unloaded, one task, may sleep; but
 * init_superblock_context() runs at each mount.
 */
#include <linux/fs_context.h>

#include "identity.h"
#include "twostage_guard.h"

/* Here the kernel's own are meant. */
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
 * There is no exported way to ask whether a filesystem type is taken that does
 * not also try to load a module for it, but a type of that name can be
 * registered for a moment.
 */
static struct file_system_type takeover_probe = {
	.owner = THIS_MODULE,
	.name = "btrfs",
	.init_fs_context = refuse_mount,
};

/**
 * twostage_may_register - whether the names we are to register under are free
 *
 * Context: module initialization, before anything is registered.
 * Return: 0, or -EBUSY when take-over is asked for and the stock module is
 * loaded or built in.
 */
int __init twostage_may_register(void)
{
	if (!takeover)
		return 0;
	if (register_filesystem(&takeover_probe)) {
		pr_err(TWOSTAGE_NAME ": takeover=1 refused: the kernel's own btrfs is loaded; unmount its filesystems, rmmod btrfs, and try again\n");
		return -EBUSY;
	}
	unregister_filesystem(&takeover_probe);
	return 0;
}

/**
 * twostage_kset_create_and_add - the module's directory below /sys/fs
 * @name: the distribution's name for it
 * @ops: as for kset_create_and_add()
 * @parent: as for kset_create_and_add()
 *
 * Context: module initialization.
 * Return: the kset, or NULL.
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
 * @device: the distribution's device
 *
 * Context: module initialization.
 * Return: 0 or a negative errno.
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
 * A mount begins with this type, and its superblock gets the distribution's
 * own, which is not registered.
 */
static struct file_system_type *superblock_type;
static struct file_system_type mount_type = {
	.name = TWOSTAGE_NAME,
};

static int init_superblock_context(struct fs_context *fc)
{
	/* The context holds the module, and both types are this module's. */
	fc->fs_type = superblock_type;
	return superblock_type->init_fs_context(fc);
}

/*
 * The type to register in place of the distribution's. One that does not fill
 * a context mounts with a second type of its own, which is the superblocks'; to
 * rename it is enough.
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
 * twostage_register_filesystem - register the type that one mounts by
 * @type: the distribution's type
 *
 * This is the last thing that the distribution's initialization registers.
 *
 * Context: module initialization.
 * Return: 0 or a negative errno.
 */
int twostage_register_filesystem(struct file_system_type *type)
{
	struct file_system_type *registered = type_to_register(type);
	int ret;

	ret = register_filesystem(registered);
	if (ret)
		return ret;
	pr_notice(TWOSTAGE_NAME ": loaded, mounts as type %s, built from %s; this is not the kernel's own btrfs: report its bugs to the btrfs-twostage project, not to the btrfs developers\n",
		  registered->name, TWOSTAGE_SOURCE_VERSION);
	return 0;
}

/**
 * twostage_unregister_filesystem - undo twostage_register_filesystem()
 * @type: the distribution's type
 *
 * Context: the module's end, or an initialization that failed.
 * Return: 0 or a negative errno.
 */
int twostage_unregister_filesystem(struct file_system_type *type)
{
	return unregister_filesystem(type == superblock_type ? &mount_type :
							       type);
}

MODULE_DESCRIPTION("btrfs with a pipelined writeout of dirty block groups");
MODULE_VERSION(TWOSTAGE_VERSION);
MODULE_INFO(distribution_source, TWOSTAGE_SOURCE_VERSION);
MODULE_INFO(alias, "fs-btrfs_twostage");
