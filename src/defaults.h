/* SPDX-License-Identifier: GPL-2.0 */
/* The policy of new mounts; see defaults.c. */
#ifndef TWOSTAGE_DEFAULTS_H
#define TWOSTAGE_DEFAULTS_H

struct twostage_policy;

void twostage_default_policy(struct twostage_policy *policy);

#endif /* TWOSTAGE_DEFAULTS_H */
