// SPDX-License-Identifier: GPL-2.0
/*
 * What loading and unloading adds to stock btrfs.
 *
 * Ours wraps the directory in sysfs, the first thing that btrfs registers: a
 * take-over that is not possible is refused before anything is visible.
 *
 * Runs when the module is loaded or unloaded, in one task; may sleep.
 */
#include <linux/module.h>

#include "ctree.h"
#include "sysfs.h"

#include "control.h"
#include "defaults.h"
#include "history.h"
#include "module.h"
#include "twostage_guard.h"

int __init btrfs_init_sysfs(void)
{
	int ret;

	ret = twostage_may_register();
	if (ret)
		return ret;
	twostage_defaults_check();
	ret = twostage_history_init();
	if (ret)
		return ret;
	ret = stock_init_sysfs();
	if (ret)
		goto exit_history;
	ret = twostage_totals_add(twostage_module_kobj());
	if (ret)
		goto exit_sysfs;
	return 0;

exit_sysfs:
	stock_exit_sysfs();
exit_history:
	twostage_history_exit();
	return ret;
}

void __cold btrfs_exit_sysfs(void)
{
	twostage_totals_remove();
	stock_exit_sysfs();
	twostage_history_exit();
}

MODULE_DESCRIPTION("btrfs with a pipelined writeout of dirty block groups");
MODULE_VERSION(TWOSTAGE_VERSION);
MODULE_INFO(distribution_source, TWOSTAGE_SOURCE_VERSION);
MODULE_INFO(alias, "fs-btrfs_twostage");
