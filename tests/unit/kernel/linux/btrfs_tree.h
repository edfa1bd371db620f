/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MOCK_LINUX_BTRFS_TREE_H
#define MOCK_LINUX_BTRFS_TREE_H

#include <linux/types.h>

struct btrfs_free_space_entry {
	u64 offset;
	u64 bytes;
	unsigned char type;
} __attribute__((packed));

#endif /* MOCK_LINUX_BTRFS_TREE_H */
