/* SPDX-License-Identifier: GPL-2.0 */
/* The files in sysfs; see control.c. */
#ifndef TWOSTAGE_CONTROL_H
#define TWOSTAGE_CONTROL_H

struct kobject;
struct twostage_mount;

int twostage_control_add(struct twostage_mount *mount);
void twostage_control_remove(struct twostage_mount *mount);
int twostage_totals_add(struct kobject *parent);
void twostage_totals_remove(void);

#endif /* TWOSTAGE_CONTROL_H */
