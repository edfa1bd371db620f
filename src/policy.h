/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A policy: whose engine, early pass or not, which window, and what goes with it.
 *
 * A plain value without locks; whoever holds one owns it.
 */
#ifndef TWOSTAGE_POLICY_H
#define TWOSTAGE_POLICY_H

#include <linux/types.h>

#include "twostage_shared.h"

/* One cache per block group of a filesystem of 64 TiB. */
#define TWOSTAGE_WINDOW_MAX 65536
#define TWOSTAGE_SETTLE_MAX 1000

/**
 * struct twostage_policy - how the dirty block groups of a commit are written
 * @stock: use the stock functions and ignore the rest
 * @serial: wait for each cache before the next is started: the window is 1
 * @early: begin before the critical section
 * @window: how many caches may be in flight, 0 for no bound
 * @fit: size cache files by their contents; not part of any preset
 * @settle: write a cache once its block group has been quiet for so many commits, 0
 *	in every commit; not part of any preset
 * @read_ahead: read tree blocks ahead; not part of any preset
 */
struct twostage_policy {
	bool stock;
	bool serial;
	bool early;
	unsigned int window;
	bool fit;
	unsigned int settle;
	bool read_ahead;
};

static inline bool twostage_policy_reads_ahead(const struct twostage_policy *policy)
{
	return policy->read_ahead && !policy->stock;
}

int twostage_policy_parse(const char *name, struct twostage_policy *policy);
int twostage_window_parse(const char *text, unsigned int *window);
bool twostage_policy_takes_window(const struct twostage_policy *policy, unsigned int window);
int twostage_settle_parse(const char *text, unsigned int *settle);
enum twostage_policy_id twostage_policy_id(const struct twostage_policy *policy);
const char *twostage_policy_name(const struct twostage_policy *policy);

#endif /* TWOSTAGE_POLICY_H */
