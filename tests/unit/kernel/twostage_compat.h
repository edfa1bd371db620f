/* SPDX-License-Identifier: GPL-2.0 */
/* What tools/dkms/probe would find in the mock. */
#define TWOSTAGE_HAS_BG_UPDATES_RSV 0
#define TWOSTAGE_HAS_CTREE_EXTENT 1
#define TWOSTAGE_HAS_CTREE_SCRUB 1
#define TWOSTAGE_HAS_UPDATE_INODE_ROOT 0
