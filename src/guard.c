// SPDX-License-Identifier: GPL-2.0
/*
 * Which policies this build may use.
 *
 * Our engine replaces stock functions whose text we have read. If the build
 * found a text that nobody has read (tools/dkms/guard), only policy `stock` may
 * be used, unless force=1 is given.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "guard.h"
#include "policy.h"
#include "twostage_guard.h"

static bool force;
module_param(force, bool, 0444);
MODULE_PARM_DESC(force,
		 "allow every policy on a btrfs source that was not compared with this module");

/* Whether this build may use every policy. */
bool twostage_guard_allows_all(void)
{
	return force || !TWOSTAGE_UNREAD_FUNCTIONS[0];
}

/**
 * twostage_guard_refuses - whether this build must not use a policy
 * @policy: the policy
 *
 * Return: true, after a warning in the log, if it needs our engine and the
 * source has unread functions.
 */
bool twostage_guard_refuses(const struct twostage_policy *policy)
{
	if (policy->stock || twostage_guard_allows_all())
		return false;

	pr_warn("btrfs_twostage: policy %s refused, only stock is allowed: the source of %s has functions that this module was not compared with: %s (force=1 overrides)\n",
		twostage_policy_name(policy), TWOSTAGE_SOURCE_VERSION,
		TWOSTAGE_UNREAD_FUNCTIONS);
	return true;
}

/* For programs: empty if every guarded function was read. */
MODULE_INFO(unread_functions, TWOSTAGE_UNREAD_FUNCTIONS);
