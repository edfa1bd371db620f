/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a policy is: whose engine, early pass or not, which window.
 *
 * Pure values, no locks; whoever holds one owns it.
 */
#ifndef TWOSTAGE_POLICY_H
#define TWOSTAGE_POLICY_H

#include <linux/types.h>

#include "twostage_shared.h"

/* More caches than this are never in flight: a filesystem of 64 TiB. */
#define TWOSTAGE_WINDOW_MAX 65536

/**
 * struct twostage_policy - how the dirty block groups of a commit are written
 * @stock: the distribution's functions do it, and the rest has no meaning
 * @early: begin before the critical section
 * @window: how many caches may be in flight, 0 for no bound
 * @fit: cache files are as large as their contents need; apart from what the
 *	policy's name stands for
 */
struct twostage_policy {
	bool stock;
	bool early;
	unsigned int window;
	bool fit;
};

int twostage_policy_parse(const char *name, struct twostage_policy *policy);
int twostage_window_parse(const char *text, unsigned int *window);
enum twostage_policy_id twostage_policy_id(const struct twostage_policy *policy);
const char *twostage_policy_name(const struct twostage_policy *policy);

#endif /* TWOSTAGE_POLICY_H */
