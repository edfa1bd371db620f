/* SPDX-License-Identifier: GPL-2.0 */
/* Loading and unloading the module; see module.c and the seam of sysfs.c. */
#ifndef TWOSTAGE_MODULE_H
#define TWOSTAGE_MODULE_H

struct kobject;

/* Stock btrfs' functions, set aside by the seam of sysfs.c, and its kset. */
int stock_init_sysfs(void);
void stock_exit_sysfs(void);
struct kobject *twostage_module_kobj(void);

#endif /* TWOSTAGE_MODULE_H */
