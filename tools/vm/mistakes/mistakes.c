// SPDX-License-Identifier: GPL-2.0
/*
 * A module that makes a mistake when it is loaded, to show that a debug kernel
 * reports it. Only for mistakes.test and races.test in tests/vm.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

static char *mistake = "";
module_param(mistake, charp, 0444);
MODULE_PARM_DESC(mistake, "lock_order, sleep_in_atomic, leak, use_after_free or race");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spinning);

static void take(struct mutex *one, struct mutex *another)
{
	mutex_lock(one);
	mutex_lock(another);
	mutex_unlock(another);
	mutex_unlock(one);
}

static int lock_order(void)
{
	take(&first, &second);
	take(&second, &first);
	return 0;
}

static int sleep_in_atomic(void)
{
	spin_lock(&spinning);
	might_sleep();
	spin_unlock(&spinning);
	return 0;
}

static int leak(void)
{
	return kmalloc(1000, GFP_KERNEL) ? 0 : -ENOMEM;
}

static int use_after_free(void)
{
	int *freed = kmalloc(sizeof(*freed), GFP_KERNEL);

	if (!freed)
		return -ENOMEM;
	kfree(freed);
	READ_ONCE(*freed);
	return 0;
}

static unsigned int plainly_counted;

static void count_plainly(struct work_struct *work)
{
	int i;

	for (i = 0; i < 1000000; i++) {
		plainly_counted++;
		barrier();
	}
}

static int race(void)
{
	static DECLARE_WORK(one, count_plainly);
	static DECLARE_WORK(another, count_plainly);

	schedule_work_on(0, &one);
	schedule_work_on(1, &another);
	flush_work(&one);
	flush_work(&another);
	return 0;
}

static int __init mistakes_init(void)
{
	if (!strcmp(mistake, "lock_order"))
		return lock_order();
	if (!strcmp(mistake, "sleep_in_atomic"))
		return sleep_in_atomic();
	if (!strcmp(mistake, "leak"))
		return leak();
	if (!strcmp(mistake, "use_after_free"))
		return use_after_free();
	if (!strcmp(mistake, "race"))
		return race();
	return -EINVAL;
}
module_init(mistakes_init);

static void __exit mistakes_exit(void)
{
}
module_exit(mistakes_exit);

MODULE_DESCRIPTION("Mistakes for a debug kernel to report");
MODULE_LICENSE("GPL");
