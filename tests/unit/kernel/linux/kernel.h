/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands in for the kernel header of this name: number parsing that accepts
 * and refuses what the kernel's does.
 */
#ifndef MOCK_LINUX_KERNEL_H
#define MOCK_LINUX_KERNEL_H

#include <limits.h>
#include <linux/errno.h>

/*
 * Digits of base 10, one '+' before and one newline after them at the most,
 * nothing else. The result is set only on success.
 */
static inline int kstrtouint(const char *text, unsigned int base,
			     unsigned int *result)
{
	unsigned long long value = 0;
	const char *digit = text;

	if (base != 10)
		return -EINVAL;
	if (*digit == '+')
		digit++;
	if (*digit < '0' || *digit > '9')
		return -EINVAL;
	for (; *digit >= '0' && *digit <= '9'; digit++) {
		value = value * 10 + (unsigned int)(*digit - '0');
		if (value > UINT_MAX)
			return -ERANGE;
	}
	if (*digit == '\n')
		digit++;
	if (*digit)
		return -EINVAL;
	*result = (unsigned int)value;
	return 0;
}

#endif /* MOCK_LINUX_KERNEL_H */
