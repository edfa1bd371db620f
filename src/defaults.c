// SPDX-License-Identifier: GPL-2.0
/*
 * The policy of new mounts, and what goes with it: the module parameters.
 *
 * A window that contradicts the policy is refused while the module runs. When it is
 * loaded, it is ignored: a module that is not loaded leaves filesystems unmounted.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "defaults.h"
#include "guard.h"
#include "policy.h"

#define WINDOW_OF_POLICY (-1)	/* the window that the policy's name stands for */

static struct twostage_policy default_policy = {
	.early = true,
	.fit = true,
	.read_ahead = true,
};
static int default_window = WINDOW_OF_POLICY;
static bool is_loaded;

static bool contradict(const struct twostage_policy *policy, int window)
{
	return window != WINDOW_OF_POLICY && !twostage_policy_takes_window(policy, window);
}

/**
 * twostage_defaults_check - ignore a window that contradicts the policy, and say so
 *
 * Context: when the module is loaded, after its parameters were set. Takes their lock.
 */
void twostage_defaults_check(void)
{
	kernel_param_lock(THIS_MODULE);
	if (contradict(&default_policy, default_window)) {
		pr_warn("btrfs_twostage: window=%d ignored: the policy %s does not take it\n",
			default_window, twostage_policy_name(&default_policy));
		default_window = WINDOW_OF_POLICY;
	}
	is_loaded = true;
	kernel_param_unlock(THIS_MODULE);
}

/**
 * twostage_default_policy - the policy of a new mount
 * @policy: filled in; policy `stock` if the guard refuses the one asked for
 *
 * Context: mount. Takes the lock of the module's parameters.
 */
void twostage_default_policy(struct twostage_policy *policy)
{
	kernel_param_lock(THIS_MODULE);
	*policy = default_policy;
	if (default_window != WINDOW_OF_POLICY)
		policy->window = default_window;
	kernel_param_unlock(THIS_MODULE);

	if (twostage_guard_refuses(policy))
		*policy = (struct twostage_policy){ .stock = true };
}

/**
 * twostage_default_read_ahead - whether a mount is to read ahead
 *
 * Not if its policy is to be `stock`.
 *
 * Context: mount. Takes the lock of the module's parameters.
 */
bool twostage_default_read_ahead(void)
{
	bool ret;

	kernel_param_lock(THIS_MODULE);
	ret = twostage_policy_reads_ahead(&default_policy);
	kernel_param_unlock(THIS_MODULE);
	return ret && twostage_guard_allows_all();
}

static int set_default_policy(const char *value, const struct kernel_param *param)
{
	struct twostage_policy policy = default_policy;
	int ret;

	ret = twostage_policy_parse(value, &policy);
	if (ret)
		return ret;
	if (is_loaded && contradict(&policy, default_window))
		return -EINVAL;
	default_policy = policy;
	return 0;
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
		 "size the cache files of new mounts by their contents (default), or as stock btrfs does");

module_param_named(read_ahead, default_policy.read_ahead, bool, 0644);
MODULE_PARM_DESC(read_ahead,
		 "read ahead what mounts and commits need (default), or read it as stock btrfs does");

static int set_default_window(const char *value, const struct kernel_param *param)
{
	unsigned int window;
	int ret;

	if (sysfs_streq(value, "-1")) {
		default_window = WINDOW_OF_POLICY;
		return 0;
	}
	ret = twostage_window_parse(value, &window);
	if (ret)
		return ret;
	if (is_loaded && contradict(&default_policy, window))
		return -EINVAL;
	default_window = window;
	return 0;
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
		 "caches that may be in flight in new mounts: 0 for no bound, -1 (default) for the policy's own");

static int set_default_settle(const char *value, const struct kernel_param *param)
{
	return twostage_settle_parse(value, &default_policy.settle);
}

static const struct kernel_param_ops default_settle_ops = {
	.set = set_default_settle,
	.get = param_get_uint,
};
module_param_cb(settle, &default_settle_ops, &default_policy.settle, 0644);
MODULE_PARM_DESC(settle,
		 "write the caches of new mounts when their block groups have been quiet for so many commits: 0 (default) in every commit");
