/* SPDX-License-Identifier: GPL-2.0 */
/* The policy of new mounts; see defaults.c. */
#ifndef TWOSTAGE_DEFAULTS_H
#define TWOSTAGE_DEFAULTS_H

#include <linux/types.h>

struct twostage_policy;

void twostage_defaults_check(void);
void twostage_default_policy(struct twostage_policy *policy);
bool twostage_default_read_ahead(void);

#endif /* TWOSTAGE_DEFAULTS_H */
