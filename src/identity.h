/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Redirects btrfs' registrations, so that the module can live beside the stock
 * one.
 *
 * Included with -include before every source file, btrfs' own as well. The
 * headers come first, so that the macros only see calls, never declarations.
 * Nothing else belongs here.
 */
#ifndef TWOSTAGE_IDENTITY_H
#define TWOSTAGE_IDENTITY_H

#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "compat/slab.h"

int twostage_may_register(void);
int twostage_register_filesystem(struct file_system_type *type);
int twostage_unregister_filesystem(struct file_system_type *type);
int twostage_misc_register(struct miscdevice *device);
struct kset *twostage_kset_create_and_add(const char *name,
					  const struct kset_uevent_ops *ops,
					  struct kobject *parent);

#define register_filesystem(type)	twostage_register_filesystem(type)
#define unregister_filesystem(type)	twostage_unregister_filesystem(type)
#define misc_register(device)		twostage_misc_register(device)
#define kset_create_and_add(name, ops, parent) \
	twostage_kset_create_and_add(name, ops, parent)

/* Leave the stock module its aliases; ours are in module.c. */
#undef MODULE_ALIAS
#undef MODULE_ALIAS_FS
#undef MODULE_ALIAS_MISCDEV
#define MODULE_ALIAS(alias)		static_assert(true)
#define MODULE_ALIAS_FS(name)		static_assert(true)
#define MODULE_ALIAS_MISCDEV(minor)	static_assert(true)

#endif /* TWOSTAGE_IDENTITY_H */
