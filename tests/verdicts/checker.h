/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tree checker once more, under names of its own: VERDICT(function). Included
 * once by a file, which says before how members are read and written. What the checker says goes
 * to twostage_verdict_say().
 */
#include "verdicts.h"

/* Kernels have one of these two. */
#define btrfs_check_leaf_full		VERDICT(check_leaf)
#define btrfs_check_leaf		VERDICT(check_leaf)
#define btrfs_check_leaf_relaxed	VERDICT(check_leaf_relaxed)
#define __btrfs_check_leaf		VERDICT(status_of_leaf)
#define btrfs_check_node		VERDICT(check_node)
#define __btrfs_check_node		VERDICT(status_of_node)
#define btrfs_check_chunk_valid		VERDICT(check_chunk_valid)
#define btrfs_check_eb_owner		VERDICT(check_eb_owner)
#define btrfs_verify_level_key		VERDICT(verify_level_key)

#include "../compat/accessors.h"
#if __has_include("messages.h")
#include "messages.h"
#endif
#include <linux/mm.h>

/* btrfs limits how many messages it prints; and each would have a page dump. */
#undef btrfs_crit
#define btrfs_crit(fs_info, fmt, args...) \
	((void)(fs_info), twostage_verdict_say(fmt, ##args))
#define dump_page(page, reason)			((void)(page))

#include <fs/btrfs/tree-checker.c>

int VERDICT(check)(struct extent_buffer *eb, bool leaf)
{
	return leaf ? btrfs_check_leaf(eb) : btrfs_check_node(eb);
}

/* Reads what begins at @offset by each accessor, and writes there. */
u64 VERDICT(exercise)(struct extent_buffer *eb, unsigned long offset)
{
	struct btrfs_disk_key key;
	u64 sum;
#if TWOSTAGE_HAS_MAP_TOKEN
	struct btrfs_map_token map, *token = &map;

	btrfs_init_map_token(token, eb);
	btrfs_set_token_32(token, NULL, offset,
			   btrfs_get_token_32(token, NULL, offset) + offset);
#endif
	read_extent_buffer(eb, &key, offset, sizeof(key));
	sum = le64_to_cpu(key.objectid) + le64_to_cpu(key.offset) + key.type;
	sum = sum * 31 + btrfs_get_8(eb, NULL, offset);
	sum = sum * 31 + btrfs_get_16(eb, NULL, offset);
	sum = sum * 31 + btrfs_get_32(eb, NULL, offset);
	sum = sum * 31 + btrfs_get_64(eb, NULL, offset);
	btrfs_set_32(eb, NULL, offset, sum);
	return sum;
}
