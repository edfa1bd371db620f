// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a step of the writeout fail, in the build for tests.
 *
 * The parameter `fault` is POINT,ERRNO,SKIP,TIMES: the step (one of
 * TWOSTAGE_FAULT_POINTS) succeeds SKIP times, then fails TIMES times with
 * -ERRNO. Writing it resets the counts; with TIMES 0 the step is only counted.
 * Reading it shows the setting, how often the step was reached and how often it
 * failed. One step at a time, for all mounts.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "fault.h"

/* clang-format off */
static const char *const points[TWOSTAGE_NR_FAULTS] = {
#define FAULT_NAME(name) #name,
	TWOSTAGE_FAULT_POINTS(FAULT_NAME)
#undef FAULT_NAME
};
/* clang-format on */

/* Armed once errno is set. */
struct fault {
	int point;
	unsigned int errno;
	unsigned int skip;
	unsigned int times;
	unsigned int passed;
	unsigned int failed;
};

static DEFINE_SPINLOCK(lock);
static struct fault armed;

/**
 * twostage_fault - whether a step must fail now
 * @point: the step
 *
 * Context: any but interrupts. Takes a spinlock.
 * Return: 0, or the negative errno to fail with.
 */
int twostage_fault(enum twostage_fault_point point)
{
	int ret = 0;

	if (READ_ONCE(armed.point) != point)
		return 0;

	spin_lock(&lock);
	if (armed.errno && armed.passed++ >= armed.skip &&
	    armed.failed < armed.times) {
		armed.failed++;
		ret = -(int)armed.errno;
	}
	spin_unlock(&lock);
	return ret;
}

static int parse_fault(char *text, struct fault *fault)
{
	const char *field[4];
	int i;

	for (i = 0; i < ARRAY_SIZE(field); i++)
		field[i] = strsep(&text, ",");
	if (text || !field[ARRAY_SIZE(field) - 1])
		return -EINVAL;

	fault->point = match_string(points, TWOSTAGE_NR_FAULTS, field[0]);
	if (fault->point < 0 || kstrtouint(field[1], 10, &fault->errno) ||
	    !fault->errno || fault->errno > MAX_ERRNO ||
	    kstrtouint(field[2], 10, &fault->skip) ||
	    kstrtouint(field[3], 10, &fault->times))
		return -EINVAL;
	return 0;
}

static int set_fault(const char *value, const struct kernel_param *param)
{
	struct fault fault = {};
	char *text;
	int ret;

	text = kstrdup(value, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	ret = parse_fault(strim(text), &fault);
	kfree(text);
	if (ret)
		return ret;

	spin_lock(&lock);
	armed = fault;
	spin_unlock(&lock);
	return 0;
}

static int get_fault(char *buffer, const struct kernel_param *param)
{
	struct fault fault;

	spin_lock(&lock);
	fault = armed;
	spin_unlock(&lock);
	return sysfs_emit(buffer, "%s,%u,%u,%u passed=%u failed=%u\n",
			  points[fault.point], fault.errno, fault.skip,
			  fault.times, fault.passed, fault.failed);
}

static const struct kernel_param_ops fault_ops = {
	.set = set_fault,
	.get = get_fault,
};

module_param_cb(fault, &fault_ops, NULL, 0600);
MODULE_PARM_DESC(fault, "POINT,ERRNO,SKIP,TIMES: a step that fails");
