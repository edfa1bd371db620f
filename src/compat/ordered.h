/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The arguments of btrfs_remove_ordered_extent(): the inode and the ordered extent,
 * or just the extent, which knows its inode.
 */
#ifndef TWOSTAGE_COMPAT_ORDERED_H
#define TWOSTAGE_COMPAT_ORDERED_H

#define TWOSTAGE_THIRD_OF(first, second, third, ...)	third
#define TWOSTAGE_FIRST(first, ...)			(first)
#define TWOSTAGE_SECOND(first, second)			(second)
#define TWOSTAGE_ITS_INODE(extent)			((extent)->inode)

#define twostage_removed_extent(...)					\
	TWOSTAGE_THIRD_OF(__VA_ARGS__, TWOSTAGE_SECOND,			\
			  TWOSTAGE_FIRST)(__VA_ARGS__)
#define twostage_removed_from(...)					\
	TWOSTAGE_THIRD_OF(__VA_ARGS__, TWOSTAGE_FIRST,			\
			  TWOSTAGE_ITS_INODE)(__VA_ARGS__)

#endif /* TWOSTAGE_COMPAT_ORDERED_H */
