// SPDX-License-Identifier: GPL-2.0
/*
 * The policies by name.
 *
 * Nothing here sleeps, allocates or locks.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "policy.h"

static const struct {
	const char *name;
	struct twostage_policy policy;
} presets[TWOSTAGE_NR_POLICIES] = {
	[TWOSTAGE_POLICY_SERIAL]    = { "serial",    { .serial = true, .window = 1 } },
	[TWOSTAGE_POLICY_TWO_STAGE] = { "two_stage", { .window = 0 } },
	[TWOSTAGE_POLICY_EARLY]     = { "early",     { .early = true } },
	[TWOSTAGE_POLICY_STOCK]     = { "stock",     { .stock = true } },
};

/**
 * twostage_policy_parse - look up a policy by name
 * @name: the name; a trailing newline is ignored
 * @policy: set on success, except for its ->fit, ->settle and ->read_ahead
 *
 * Return: 0, or -EINVAL if there is no such policy.
 */
int twostage_policy_parse(const char *name, struct twostage_policy *policy)
{
	const struct twostage_policy before = *policy;
	int i;

	for (i = 0; i < TWOSTAGE_NR_POLICIES; i++) {
		if (sysfs_streq(name, presets[i].name)) {
			*policy = presets[i].policy;
			policy->fit = before.fit;
			policy->settle = before.settle;
			policy->read_ahead = before.read_ahead;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_number(const char *text, unsigned int most, unsigned int *number)
{
	unsigned int value;

	if (kstrtouint(text, 10, &value) || value > most)
		return -EINVAL;
	*number = value;
	return 0;
}

/**
 * twostage_window_parse - parse a window
 * @text: a decimal number of caches, 0 for no bound
 * @window: set on success
 *
 * Return: 0, or -EINVAL for anything but 0 to TWOSTAGE_WINDOW_MAX.
 */
int twostage_window_parse(const char *text, unsigned int *window)
{
	return parse_number(text, TWOSTAGE_WINDOW_MAX, window);
}

/**
 * twostage_policy_takes_window - whether a window does not contradict a policy
 * @policy: the policy
 * @window: the window
 *
 * `serial` has the window 1, and `stock` has none.
 */
bool twostage_policy_takes_window(const struct twostage_policy *policy, unsigned int window)
{
	return !policy->stock && (!policy->serial || window == 1);
}

/**
 * twostage_settle_parse - parse a number of quiet commits
 * @text: a decimal number, 0 to write in every commit
 * @settle: set on success
 *
 * Return: 0, or -EINVAL for anything but 0 to TWOSTAGE_SETTLE_MAX.
 */
int twostage_settle_parse(const char *text, unsigned int *settle)
{
	return parse_number(text, TWOSTAGE_SETTLE_MAX, settle);
}

/**
 * twostage_policy_id - which preset a policy is, whatever its window
 * @policy: the policy
 */
enum twostage_policy_id twostage_policy_id(const struct twostage_policy *policy)
{
	if (policy->stock)
		return TWOSTAGE_POLICY_STOCK;
	if (policy->early)
		return TWOSTAGE_POLICY_EARLY;
	if (policy->serial)
		return TWOSTAGE_POLICY_SERIAL;
	return TWOSTAGE_POLICY_TWO_STAGE;
}

/* The name of twostage_policy_id(), a constant. */
const char *twostage_policy_name(const struct twostage_policy *policy)
{
	return presets[twostage_policy_id(policy)].name;
}
