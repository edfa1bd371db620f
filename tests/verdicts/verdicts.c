// SPDX-License-Identifier: GPL-2.0
/*
 * Asks both versions of the tree checker about damaged leaves and nodes.
 *
 * Writing "PATH ROUNDS SEED" to the parameter `verdicts` takes each leaf and node of
 * the filesystem that is mounted at PATH, and damages copies of it, ROUNDS of each;
 * the same SEED does the same. The filesystem is only read, and must be idle. Reading
 * the parameter says what came of it. Linked into a build of the module for
 * tests/vm/verdicts.test; one writer at a time.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/namei.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../compat/accessors.h"
#include "disk-io.h"
#if __has_include("super.h")
#include "super.h"
#endif

#include "verdicts.h"

#define MOST_DAMAGES	3
/* Where the fields of a block's header begin: its first ones are not checked. */
#define HEADER_FIELDS	offsetof(struct btrfs_header, bytenr)

struct verdict {
	int ret;
	char said[400];
};

static struct {
	unsigned long leaves;
	unsigned long nodes;
	unsigned long damaged;
	unsigned long refused;
	unsigned long differing;
	unsigned long misread;
	char difference[1000];
} found;

static struct verdict *saying;

void twostage_verdict_say(const char *format, ...)
{
	size_t length = strlen(saying->said);
	va_list arguments;

	va_start(arguments, format);
	vscnprintf(saying->said + length, sizeof(saying->said) - length, format, arguments);
	va_end(arguments);
}

static void ask(int (*check)(struct extent_buffer *eb, bool leaf), struct extent_buffer *eb,
		bool leaf, struct verdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	saying = verdict;
	verdict->ret = check(eb, leaf);
}

static void compare(struct extent_buffer *eb, bool leaf)
{
	static struct verdict stock, inlined;

	ask(twostage_verdict_stock_check, eb, leaf, &stock);
	ask(twostage_verdict_inlined_check, eb, leaf, &inlined);
	found.refused += !!stock.ret;
	if (stock.ret == inlined.ret && !strcmp(stock.said, inlined.said))
		return;
	if (!found.differing++)
		scnprintf(found.difference, sizeof(found.difference),
			  "stock %d %s\ninlined %d %s\n", stock.ret, stock.said,
			  inlined.ret, inlined.said);
}

static u32 below(struct rnd_state *random, u32 limit)
{
	return prandom_u32_state(random) % limit;
}

/* Half of the damage goes to what describes the block, the rest anywhere. */
static u32 pick_offset(struct rnd_state *random, const struct extent_buffer *eb)
{
	u32 described = sizeof(struct btrfs_header) +
			btrfs_header_nritems(eb) * sizeof(struct btrfs_item);

	if (below(random, 2))
		return HEADER_FIELDS + below(random, described - HEADER_FIELDS);
	return below(random, eb->len);
}

static void damage(struct rnd_state *random, struct extent_buffer *eb)
{
	u32 offset = pick_offset(random, eb);
	u32 size = min(1U << below(random, 4), eb->len - offset);
	u64 value;

	read_extent_buffer(eb, &value, offset, size);
	switch (below(random, 5)) {
	case 0:
		value ^= 1ULL << below(random, size * 8);
		break;
	case 1:
		value = below(random, 3);
		break;
	case 2:
		value = ~0ULL - below(random, 3);
		break;
	case 3:
		value += below(random, 2) ? 1 : -1;
		break;
	default:
		value = ((u64)prandom_u32_state(random) << 32) | prandom_u32_state(random);
	}
	write_extent_buffer(eb, &value, offset, size);
}

static int try_block(struct rnd_state *random, const struct extent_buffer *eb, u32 rounds)
{
	bool leaf = btrfs_header_level(eb) == 0;
	struct extent_buffer *copy;
	u32 left;

	copy = btrfs_clone_extent_buffer(eb);
	if (!copy)
		return -ENOMEM;
	compare(copy, leaf);
	for (; rounds; rounds--) {
		copy_extent_buffer_full(copy, eb);
		for (left = 1 + below(random, MOST_DAMAGES); left; left--)
			damage(random, copy);
		compare(copy, leaf);
		found.damaged++;
		cond_resched();
	}
	free_extent_buffer(copy);
	if (leaf)
		found.leaves++;
	else
		found.nodes++;
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/* Reads and writes at each offset, across the ends of pages too. */
static int try_accessors(const struct extent_buffer *eb)
{
	struct extent_buffer *stock = btrfs_clone_extent_buffer(eb);
	struct extent_buffer *inlined = btrfs_clone_extent_buffer(eb);
	u64 left, right;
	u32 offset;
	int ret = -ENOMEM;

	if (!stock || !inlined)
		goto out;
	ret = 0;
	for (offset = 0; offset <= eb->len - sizeof(struct btrfs_disk_key); offset++) {
		left = twostage_verdict_stock_exercise(stock, offset);
		right = twostage_verdict_inlined_exercise(inlined, offset);
		found.misread += left != right;
	}
	for (offset = 0; offset < eb->len; offset += sizeof(left)) {
		read_extent_buffer(stock, &left, offset, sizeof(left));
		read_extent_buffer(inlined, &right, offset, sizeof(right));
		found.misread += left != right;
	}
out:
	free_extent_buffer(stock);
	free_extent_buffer(inlined);
	return ret;
}

/* A node is tried with the first leaf below it. */
static int try_blocks(struct rnd_state *random, struct btrfs_path *path, u32 rounds)
{
	int level, ret = 0;

	for (level = 0; !ret && level < BTRFS_MAX_LEVEL && path->nodes[level]; level++) {
		ret = try_block(random, path->nodes[level], rounds);
		if (path->nodes[level + 1] && path->slots[level + 1])
			break;
	}
	return ret;
}

static int try_tree(struct rnd_state *random, struct btrfs_root *root, u32 rounds)
{
	struct btrfs_key key = {};
	struct btrfs_path *path;
	int ret;

	if (!root)
		return 0;
	path = btrfs_alloc_path();
	if (!path)
		return -ENOMEM;
	ret = btrfs_search_slot(NULL, root, &key, path, 0, 0);
	while (ret >= 0) {
		ret = try_blocks(random, path, rounds);
		if (ret)
			break;
		ret = btrfs_next_leaf(root, path);
		if (ret)
			break;
	}
	btrfs_free_path(path);
	return min(ret, 0);
}

static int try_filesystem(struct btrfs_fs_info *fs_info, u32 rounds, u64 seed)
{
	struct btrfs_root *roots[] = {
		fs_info->tree_root, fs_info->chunk_root, fs_info->dev_root,
		fs_info->fs_root, fs_info->uuid_root,
		btrfs_extent_root(fs_info, 0), btrfs_csum_root(fs_info, 0),
	};
	struct rnd_state random;
	int i, ret;

	memset(&found, 0, sizeof(found));
	prandom_seed_state(&random, seed);
	ret = try_accessors(fs_info->tree_root->node);
	for (i = 0; !ret && i < ARRAY_SIZE(roots); i++)
		ret = try_tree(&random, roots[i], rounds);
	return ret;
}

static int set_verdicts(const char *text, const struct kernel_param *param)
{
	char name[100];
	struct path path;
	u32 rounds;
	u64 seed;
	int ret;

	if (sscanf(text, "%99s %u %llu", name, &rounds, &seed) != 3)
		return -EINVAL;
	ret = kern_path(name, LOOKUP_FOLLOW, &path);
	if (ret)
		return ret;
	ret = -EINVAL;
	if (path.dentry->d_sb->s_type->owner == THIS_MODULE)
		ret = try_filesystem(btrfs_sb(path.dentry->d_sb), rounds, seed);
	path_put(&path);
	return ret;
}

static int get_verdicts(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer,
			  "leaves=%lu nodes=%lu damaged=%lu refused=%lu differing=%lu misread=%lu\n%s",
			  found.leaves, found.nodes, found.damaged, found.refused,
			  found.differing, found.misread, found.difference);
}

static const struct kernel_param_ops verdicts_ops = {
	.set = set_verdicts,
	.get = get_verdicts,
};

module_param_cb(verdicts, &verdicts_ops, NULL, 0600);
MODULE_PARM_DESC(verdicts, "PATH ROUNDS SEED: damage what is mounted there, and compare");
