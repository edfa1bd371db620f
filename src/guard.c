// SPDX-License-Identifier: GPL-2.0
/*
 * Defaults of new mounts, from module parameters, and what may not be used.
 *
 * Our engine stands in for functions of the distribution that we have read.
 * When the build met a version of one that nobody has compared with ours
 * (tools/dkms/guard), only `stock` may be used, unless force=1 says that the
 * reader knows better.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "mount.h"
#include "twostage_guard.h"

#define WINDOW_OF_POLICY (-1)	/* the window that the policy's name stands for */

static struct twostage_policy default_policy = { .early = true, .fit = true };
static int default_window = WINDOW_OF_POLICY;

static bool force;
module_param(force, bool, 0444);
MODULE_PARM_DESC(force,
		 "use our writeout on a source that it was not compared with");

/**
 * twostage_guard_refuses - whether a policy may not be used in this build
 * @policy: the policy
 *
 * Return: true if it needs our engine and the source is not one we have read.
 */
bool twostage_guard_refuses(const struct twostage_policy *policy)
{
	if (policy->stock || force || !TWOSTAGE_UNREAD_FUNCTIONS[0])
		return false;

	pr_warn("btrfs_twostage: policy %s refused, only stock is allowed: the source of %s has functions that this module was not compared with: %s (force=1 overrides)\n",
		twostage_policy_name(policy), TWOSTAGE_SOURCE_VERSION,
		TWOSTAGE_UNREAD_FUNCTIONS);
	return true;
}

/**
 * twostage_default_policy - what a new mount begins with
 * @policy: where it goes
 */
void twostage_default_policy(struct twostage_policy *policy)
{
	kernel_param_lock(THIS_MODULE);
	*policy = default_policy;
	if (default_window != WINDOW_OF_POLICY && !policy->stock)
		policy->window = default_window;
	kernel_param_unlock(THIS_MODULE);

	if (twostage_guard_refuses(policy))
		*policy = (struct twostage_policy){ .stock = true };
}

static int set_default_policy(const char *value, const struct kernel_param *param)
{
	return twostage_policy_parse(value, &default_policy);
}

static int get_default_policy(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", twostage_policy_name(&default_policy));
}

static const struct kernel_param_ops default_policy_ops = {
	.set = set_default_policy,
	.get = get_default_policy,
};
module_param_cb(policy, &default_policy_ops, NULL, 0644);
MODULE_PARM_DESC(policy,
		 "policy of new mounts: serial, two_stage, early (default) or stock");

module_param_named(fit, default_policy.fit, bool, 0644);
MODULE_PARM_DESC(fit,
		 "whether cache files of new mounts are as large as their contents need (default), or as the distribution's");

static int set_default_window(const char *value, const struct kernel_param *param)
{
	unsigned int window;
	int ret;

	if (sysfs_streq(value, "-1")) {
		default_window = WINDOW_OF_POLICY;
		return 0;
	}
	ret = twostage_window_parse(value, &window);
	if (!ret)
		default_window = window;
	return ret;
}

static int get_default_window(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%d\n", default_window);
}

static const struct kernel_param_ops default_window_ops = {
	.set = set_default_window,
	.get = get_default_window,
};
module_param_cb(window, &default_window_ops, NULL, 0644);
MODULE_PARM_DESC(window,
		 "how many caches may be in flight in new mounts: 0 for no bound, -1 (default) for what the policy stands for");
