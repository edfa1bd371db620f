// SPDX-License-Identifier: GPL-2.0
/*
 * The files in /sys/fs/btrfs_twostage/<fsid>/writeout/ and
 * /sys/fs/btrfs_twostage/totals/. include/abi/sysfs-fs-btrfs_twostage describes
 * each of them.
 *
 * What is written to policy, window, fit, settle or read_ahead takes effect at the next
 * commit. A bad value gives EINVAL and changes nothing. Besides the file's mode, writing needs
 * CAP_SYS_ADMIN in the initial user namespace. The directory goes with the
 * mount: removing it waits for running readers and writers, so they may use the
 * mount's state without a reference.
 */
#include <linux/capability.h>
#include <linux/sysfs.h>

#include "ctree.h"
#include "control.h"
#include "guard.h"
#include "mount.h"
#include "volumes.h"

struct writeout_attribute {
	struct attribute attr;
	ssize_t (*show)(struct twostage_mount *mount, char *buffer);
	int (*store)(struct twostage_mount *mount, const char *text);
};

#define WRITEOUT_READ_WRITE(file)					\
	static struct writeout_attribute file##_attribute = {		\
		.attr = { .name = #file, .mode = 0644 },		\
		.show = file##_show, .store = file##_store,		\
	}

#define WRITEOUT_WRITE_ONLY(file)					\
	static struct writeout_attribute file##_attribute = {		\
		.attr = { .name = #file, .mode = 0200 },		\
		.store = file##_store,					\
	}

#define WRITEOUT_READ_ONLY(file)					\
	static struct writeout_attribute file##_attribute = {		\
		.attr = { .name = #file, .mode = 0444 },		\
		.show = file##_show,					\
	}

static struct twostage_policy configured(struct twostage_mount *mount)
{
	struct twostage_policy policy;

	spin_lock(&mount->lock);
	policy = mount->configured;
	spin_unlock(&mount->lock);
	return policy;
}

static ssize_t policy_show(struct twostage_mount *mount, char *buffer)
{
	struct twostage_policy policy = configured(mount);

	return sysfs_emit(buffer, "%s\n", twostage_policy_name(&policy));
}

static int policy_store(struct twostage_mount *mount, const char *text)
{
	struct twostage_policy policy = {};
	int ret;

	ret = twostage_policy_parse(text, &policy);
	if (ret)
		return ret;
	if (twostage_guard_refuses(&policy))
		return -EOPNOTSUPP;

	spin_lock(&mount->lock);
	twostage_policy_parse(text, &mount->configured);
	spin_unlock(&mount->lock);
	return 0;
}
WRITEOUT_READ_WRITE(policy);

static ssize_t window_show(struct twostage_mount *mount, char *buffer)
{
	return sysfs_emit(buffer, "%u\n", configured(mount).window);
}

static int window_store(struct twostage_mount *mount, const char *text)
{
	unsigned int window;
	int ret;

	ret = twostage_window_parse(text, &window);
	if (ret)
		return ret;

	spin_lock(&mount->lock);
	if (twostage_policy_takes_window(&mount->configured, window))
		mount->configured.window = window;
	else
		ret = -EINVAL;
	spin_unlock(&mount->lock);
	return ret;
}
WRITEOUT_READ_WRITE(window);

static ssize_t fit_show(struct twostage_mount *mount, char *buffer)
{
	return sysfs_emit(buffer, "%d\n", configured(mount).fit);
}

/* Sets what @value points to, of the configured policy. */
static int switch_store(struct twostage_mount *mount, const char *text, bool *value)
{
	const struct twostage_policy policy = {};
	const bool on = sysfs_streq(text, "1");

	if (!on && !sysfs_streq(text, "0"))
		return -EINVAL;
	if (on && twostage_guard_refuses(&policy))
		return -EOPNOTSUPP;

	spin_lock(&mount->lock);
	*value = on;
	spin_unlock(&mount->lock);
	return 0;
}

static int fit_store(struct twostage_mount *mount, const char *text)
{
	return switch_store(mount, text, &mount->configured.fit);
}
WRITEOUT_READ_WRITE(fit);

static ssize_t settle_show(struct twostage_mount *mount, char *buffer)
{
	return sysfs_emit(buffer, "%u\n", configured(mount).settle);
}

static int settle_store(struct twostage_mount *mount, const char *text)
{
	struct twostage_policy policy = {};
	int ret;

	ret = twostage_settle_parse(text, &policy.settle);
	if (ret)
		return ret;
	if (policy.settle && twostage_guard_refuses(&policy))
		return -EOPNOTSUPP;

	spin_lock(&mount->lock);
	mount->configured.settle = policy.settle;
	spin_unlock(&mount->lock);
	return 0;
}
WRITEOUT_READ_WRITE(settle);

static ssize_t read_ahead_show(struct twostage_mount *mount, char *buffer)
{
	return sysfs_emit(buffer, "%d\n", configured(mount).read_ahead);
}

static int read_ahead_store(struct twostage_mount *mount, const char *text)
{
	return switch_store(mount, text, &mount->configured.read_ahead);
}
WRITEOUT_READ_WRITE(read_ahead);

static ssize_t unsettled_show(struct twostage_mount *mount, char *buffer)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(&mount->settle.num));
}
WRITEOUT_READ_ONLY(unsettled);

static ssize_t in_flight_show(struct twostage_mount *mount, char *buffer)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(&mount->in_flight));
}
WRITEOUT_READ_ONLY(in_flight);

static ssize_t peak_in_flight_show(struct twostage_mount *mount, char *buffer)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(&mount->peak_in_flight));
}

static int peak_in_flight_store(struct twostage_mount *mount, const char *text)
{
	if (!sysfs_streq(text, "0"))
		return -EINVAL;
	atomic_set(&mount->peak_in_flight, 0);
	return 0;
}
WRITEOUT_READ_WRITE(peak_in_flight);

static int reset_store(struct twostage_mount *mount, const char *text)
{
	unsigned int i, bucket;

	if (!sysfs_streq(text, "1"))
		return -EINVAL;
	atomic_set(&mount->peak_in_flight, 0);
	for (i = 0; i < TWOSTAGE_NR_PHASES; i++)
		atomic64_set(&mount->phases[i].max, 0);
	for (i = 0; i < TWOSTAGE_NR_HISTOGRAMS; i++) {
		for (bucket = 0; bucket <= TWOSTAGE_NR_BUCKETS; bucket++)
			atomic64_set(&mount->histograms[i].counts[bucket], 0);
		atomic64_set(&mount->histograms[i].sum, 0);
	}
	twostage_history_reset(&mount->history);
	return 0;
}
WRITEOUT_WRITE_ONLY(reset);

static ssize_t show_number(const atomic64_t *number, char *buffer)
{
	return sysfs_emit(buffer, "%llu\n", (u64)atomic64_read(number));
}

static ssize_t show_histogram(const struct twostage_buckets *buckets,
			      char *buffer)
{
	ssize_t length = 0;
	unsigned int bucket;
	u64 count;

	for (bucket = 0; bucket <= TWOSTAGE_NR_BUCKETS; bucket++) {
		count = atomic64_read(&buckets->counts[bucket]);
		if (count)
			length += sysfs_emit_at(buffer, length, "%llu %llu\n",
						bucket ? 1ULL << (bucket - 1) : 0,
						count);
	}
	if (length)
		length += sysfs_emit_at(buffer, length, "sum %llu\n",
					(u64)atomic64_read(&buckets->sum));
	return length;
}

#define WRITEOUT_FILE(file, show_it)					\
	static ssize_t file##_show(struct twostage_mount *mount, char *buffer) \
	{								\
		return show_it;						\
	}								\
	WRITEOUT_READ_ONLY(file);
#define WRITEOUT_COUNTER(name, metric, what)				\
	WRITEOUT_FILE(name, show_number(				\
		&mount->counters[TWOSTAGE_COUNTER_##name], buffer))
#define WRITEOUT_PHASE(name, what)					\
	WRITEOUT_FILE(name##_ns, show_number(				\
		&mount->phases[TWOSTAGE_PHASE_##name].total, buffer))	\
	WRITEOUT_FILE(name##_last_ns, show_number(			\
		&mount->phases[TWOSTAGE_PHASE_##name].last, buffer))	\
	WRITEOUT_FILE(name##_max_ns, show_number(			\
		&mount->phases[TWOSTAGE_PHASE_##name].max, buffer))
#define WRITEOUT_HISTOGRAM(name, what)					\
	WRITEOUT_FILE(name##_histogram, show_histogram(			\
		&mount->histograms[TWOSTAGE_HISTOGRAM_##name], buffer))
TWOSTAGE_COUNTERS(WRITEOUT_COUNTER)
TWOSTAGE_PHASES(WRITEOUT_PHASE)
TWOSTAGE_HISTOGRAMS(WRITEOUT_HISTOGRAM)

/* clang-format off */
static struct attribute *writeout_attrs[] = {
	&policy_attribute.attr,
	&window_attribute.attr,
	&fit_attribute.attr,
	&settle_attribute.attr,
	&read_ahead_attribute.attr,
	&unsettled_attribute.attr,
	&in_flight_attribute.attr,
	&peak_in_flight_attribute.attr,
	&reset_attribute.attr,
#define ATTRIBUTE_OF_COUNTER(name, metric, what) &name##_attribute.attr,
#define ATTRIBUTES_OF_PHASE(name, what)					\
	&name##_ns_attribute.attr, &name##_last_ns_attribute.attr,	\
	&name##_max_ns_attribute.attr,
#define ATTRIBUTE_OF_HISTOGRAM(name, what) &name##_histogram_attribute.attr,
	TWOSTAGE_COUNTERS(ATTRIBUTE_OF_COUNTER)
	TWOSTAGE_PHASES(ATTRIBUTES_OF_PHASE)
	TWOSTAGE_HISTOGRAMS(ATTRIBUTE_OF_HISTOGRAM)
	NULL
};
/* clang-format on */
ATTRIBUTE_GROUPS(writeout);

static ssize_t writeout_show(struct kobject *kobj, struct attribute *attr,
			     char *buffer)
{
	struct writeout_attribute *attribute =
		container_of(attr, struct writeout_attribute, attr);

	return attribute->show(container_of(kobj, struct twostage_mount, kobj),
			       buffer);
}

static ssize_t writeout_store(struct kobject *kobj, struct attribute *attr,
			      const char *text, size_t length)
{
	struct writeout_attribute *attribute =
		container_of(attr, struct writeout_attribute, attr);
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	ret = attribute->store(container_of(kobj, struct twostage_mount, kobj),
			       text);
	return ret ? ret : length;
}

static const struct sysfs_ops writeout_sysfs_ops = {
	.show = writeout_show,
	.store = writeout_store,
};

static void writeout_release(struct kobject *kobj)
{
	complete(&container_of(kobj, struct twostage_mount, kobj)->released);
}

static struct kobj_type writeout_ktype = {
	.sysfs_ops = &writeout_sysfs_ops,
	.release = writeout_release,
	.default_groups = writeout_groups,
};

/**
 * twostage_control_add - add the files of a mount
 * @mount: its state
 *
 * Context: mount; may sleep.
 * Return: 0, or a negative errno with everything undone.
 */
int twostage_control_add(struct twostage_mount *mount)
{
	int ret;

	init_completion(&mount->released);
	ret = kobject_init_and_add(&mount->kobj, &writeout_ktype,
				   &mount->fs_info->fs_devices->fsid_kobj,
				   "writeout");
	if (ret) {
		/* Nothing was added: to remove it would warn about each file. */
		kobject_put(&mount->kobj);
		wait_for_completion(&mount->released);
	}
	return ret;
}

/**
 * twostage_control_remove - remove the files of a mount
 * @mount: its state; once this returns, nobody uses it through the files
 *
 * Context: unmount; may sleep.
 */
void twostage_control_remove(struct twostage_mount *mount)
{
	kobject_del(&mount->kobj);
	kobject_put(&mount->kobj);
	wait_for_completion(&mount->released);
}

static struct kobject *totals;

#define TOTALS_FILE(file, number)					\
	static ssize_t total_##file##_show(struct kobject *kobj,	\
					   struct kobj_attribute *attribute, \
					   char *buffer)		\
	{								\
		return show_number(number, buffer);			\
	}								\
	static struct kobj_attribute total_##file##_attribute =		\
		__ATTR(file, 0444, total_##file##_show, NULL);
#define TOTALS_COUNTER(name, metric, what)				\
	TOTALS_FILE(name, &twostage_totals[TWOSTAGE_TOTAL_##name])
#define TOTALS_PHASE(name, what)					\
	TOTALS_FILE(name##_ns, &twostage_totals[TWOSTAGE_TOTAL_##name##_ns])
TWOSTAGE_COUNTERS(TOTALS_COUNTER)
TWOSTAGE_PHASES(TOTALS_PHASE)

/* clang-format off */
static struct attribute *totals_attrs[] = {
#define TOTAL_OF_COUNTER(name, metric, what) &total_##name##_attribute.attr,
#define TOTAL_OF_PHASE(name, what) &total_##name##_ns_attribute.attr,
	TWOSTAGE_COUNTERS(TOTAL_OF_COUNTER)
	TWOSTAGE_PHASES(TOTAL_OF_PHASE)
	NULL
};
/* clang-format on */

static const struct attribute_group totals_group = { .attrs = totals_attrs };

/**
 * twostage_totals_add - add the files that sum up all mounts
 * @parent: the module's directory
 *
 * Context: module initialization.
 * Return: 0, or a negative errno with everything undone.
 */
int __init twostage_totals_add(struct kobject *parent)
{
	int ret;

	totals = kobject_create_and_add("totals", parent);
	if (!totals)
		return -ENOMEM;
	ret = sysfs_create_group(totals, &totals_group);
	if (ret)
		kobject_put(totals);
	return ret;
}

void twostage_totals_remove(void)
{
	kobject_put(totals);
}
