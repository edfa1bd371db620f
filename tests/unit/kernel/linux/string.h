/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands in for the kernel header of this name: the comparison that sysfs
 * files use.
 */
#ifndef MOCK_LINUX_STRING_H
#define MOCK_LINUX_STRING_H

#include <stdbool.h>
#include <string.h>

/* Equal, one newline at the end of either left aside. */
static inline bool sysfs_streq(const char *one, const char *other)
{
	size_t one_length = strlen(one);
	size_t other_length = strlen(other);

	if (one_length && one[one_length - 1] == '\n' &&
	    one_length != other_length)
		one_length--;
	else if (other_length && other[other_length - 1] == '\n' &&
		 one_length != other_length)
		other_length--;
	return one_length == other_length &&
	       !memcmp(one, other, one_length);
}

#endif /* MOCK_LINUX_STRING_H */
