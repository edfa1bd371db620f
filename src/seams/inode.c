// SPDX-License-Identifier: GPL-2.0
/*
 * Seam of inode.c: a function of the kernel's that may not be ours to call.
 */
#include "../compat/writeback.h"

#define filemap_flush_nr twostage_filemap_flush_nr
#include <fs/btrfs/inode.c>
