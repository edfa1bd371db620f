/* SPDX-License-Identifier: GPL-2.0 */
/* Which policies this build may use; see guard.c. */
#ifndef TWOSTAGE_GUARD_OF_MODULE_H
#define TWOSTAGE_GUARD_OF_MODULE_H

#include <linux/types.h>

struct twostage_policy;

bool twostage_guard_allows_all(void);
bool twostage_guard_refuses(const struct twostage_policy *policy);

#endif /* TWOSTAGE_GUARD_OF_MODULE_H */
