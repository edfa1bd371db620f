// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/fs/btrfs_twostage/<fsid>/history: the last 256 commits of a mount.
 *
 * One line per commit, oldest first, below a heading that names the columns.
 * They are separated by spaces and keep their place; new ones are added at the
 * end. Times are in nanoseconds, `ended` by the monotonic clock. Modelled on
 * jbd2's info and ZFS' txgs. It is not in sysfs, where a file is one page.
 *
 * A commit never waits for a reader: it writes under a sequence lock, and a
 * reader that was overtaken reads that commit again. Opening the file takes a
 * copy, so the lines a reader sees belong together.
 */
#include <linux/proc_fs.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "ctree.h"
#include "mount.h"
#include "volumes.h"

static struct proc_dir_entry *twostage_folder;

/* The commits as they were when a reader opened the file. */
struct snapshot {
	unsigned int count;
	struct twostage_commit commits[TWOSTAGE_NR_COMMITS];
};

/**
 * twostage_history_append - add a commit, which ends here
 * @history: the mount's history
 * @commit: the commit; when it ended, and how long it took, are filled in
 * @entered: when its task asked for it
 *
 * Context: a committing task; several may come at once, and that of the next transaction
 * may be first. In the order of their ends, commits are always.
 */
void twostage_history_append(struct twostage_history *history,
			     struct twostage_commit *commit, u64 entered)
{
	write_seqlock(&history->lock);
	commit->ended = ktime_get_ns();
	commit->phase_ns[TWOSTAGE_PHASE_whole] = commit->ended - entered;
	history->commits[history->next++ % TWOSTAGE_NR_COMMITS] = *commit;
	write_sequnlock(&history->lock);
}

void twostage_history_reset(struct twostage_history *history)
{
	write_seqlock(&history->lock);
	history->next = 0;
	write_sequnlock(&history->lock);
}

/* One at a time, so that an append in between costs only one more read. */
static void take_snapshot(struct twostage_history *history,
			  struct snapshot *snapshot)
{
	u64 position = 0, next;
	unsigned int sequence;
	struct twostage_commit *commit = snapshot->commits;
	bool ended;

	while (commit < snapshot->commits + TWOSTAGE_NR_COMMITS) {
		do {
			sequence = read_seqbegin(&history->lock);
			next = history->next;
			/* What was overtaken meanwhile is gone. */
			if (next > TWOSTAGE_NR_COMMITS)
				position = max(position,
					       next - TWOSTAGE_NR_COMMITS);
			ended = position >= next;
			if (!ended)
				*commit = history->commits[position %
							   TWOSTAGE_NR_COMMITS];
		} while (read_seqretry(&history->lock, sequence));
		if (ended)
			break;
		commit++;
		position++;
	}
	snapshot->count = commit - snapshot->commits;
}

static void *history_start(struct seq_file *file, loff_t *position)
{
	struct snapshot *snapshot = file->private;

	if (!*position)
		return SEQ_START_TOKEN;
	if (*position > snapshot->count)
		return NULL;
	return &snapshot->commits[*position - 1];
}

static void *history_next(struct seq_file *file, void *item, loff_t *position)
{
	++*position;
	return history_start(file, position);
}

static void history_stop(struct seq_file *file, void *item)
{
}

static int history_show(struct seq_file *file, void *item)
{
	const struct twostage_commit *commit = item;
	unsigned int phase;

	if (item == SEQ_START_TOKEN) {
		seq_printf(file, "%10s %16s %-9s %6s %6s %6s %6s %9s %5s %11s",
			   "transid", "ended", "policy", "window", "passes",
			   "started", "waited", "redirtied", "peak", "bytes");
#define HISTORY_HEADING(name, what) seq_printf(file, " %12s", #name "_ns");
		TWOSTAGE_PHASES(HISTORY_HEADING)
		seq_printf(file, " %12s %12s %6s %7s %11s %11s %12s\n", "start_ns",
			   "wait_ns", "result", "put_off", "blocks_read",
			   "caches_read", "read_ns");
		return 0;
	}
	seq_printf(file, "%10llu %16llu %-9s %6u %6u %6u %6u %9u %5u %11llu",
		   commit->transid, commit->ended,
		   twostage_policy_name(&commit->policy), commit->policy.window,
		   commit->passes, commit->num_started, commit->num_waited,
		   commit->num_redirtied, commit->peak_in_flight, commit->bytes);
	for (phase = 0; phase < TWOSTAGE_NR_PHASES; phase++)
		seq_printf(file, " %12llu", commit->phase_ns[phase]);
	seq_printf(file, " %12llu %12llu %6d %7u %11u %11u %12llu\n", commit->start_ns,
		   commit->wait_ns, commit->result, commit->num_put_off,
		   commit->num_blocks_read, commit->num_caches_read, commit->read_ns);
	return 0;
}

static const struct seq_operations history_operations = {
	.start = history_start,
	.next = history_next,
	.stop = history_stop,
	.show = history_show,
};

static int history_open(struct inode *inode, struct file *file)
{
	struct twostage_mount *mount = pde_data(inode);
	struct snapshot *snapshot;
	int ret;

	snapshot = kvzalloc(sizeof(*snapshot), GFP_KERNEL_ACCOUNT);
	if (!snapshot)
		return -ENOMEM;
	ret = seq_open(file, &history_operations);
	if (ret) {
		kvfree(snapshot);
		return ret;
	}
	take_snapshot(&mount->history, snapshot);
	((struct seq_file *)file->private_data)->private = snapshot;
	return 0;
}

static int history_release(struct inode *inode, struct file *file)
{
	kvfree(((struct seq_file *)file->private_data)->private);
	return seq_release(inode, file);
}

static const struct proc_ops history_proc_ops = {
	.proc_open = history_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = history_release,
};

/* Named after the filesystem's id of now. Returns NULL on failure. */
static struct proc_dir_entry *make_folder(struct twostage_mount *mount)
{
	struct proc_dir_entry *folder;
	char name[UUID_STRING_LEN + 1];

	snprintf(name, sizeof(name), "%pU", mount->fs_info->fs_devices->fsid);
	folder = proc_mkdir(name, twostage_folder);
	if (folder && !proc_create_data("history", 0444, folder,
					&history_proc_ops, mount)) {
		proc_remove(folder);
		folder = NULL;
	}
	return folder;
}

/**
 * twostage_history_add_mount - set up the history of a mount
 * @mount: its state
 *
 * Context: mount; may sleep.
 * Return: 0, or -ENOMEM with everything undone.
 */
int twostage_history_add_mount(struct twostage_mount *mount)
{
	struct twostage_history *history = &mount->history;

	seqlock_init(&history->lock);
	history->folder = make_folder(mount);
	return history->folder ? 0 : -ENOMEM;
}

/**
 * twostage_history_rename - rename the history after the filesystem's new id
 * @mount: its state
 *
 * When a device is added to a seed filesystem, it gets a new id, and the seed may
 * be mounted again under the old one. Without memory the history is gone until
 * the next mount: its old name has to be free.
 *
 * Context: the task that adds the device, in a transaction: no allocation may
 * wait for the filesystem. May sleep.
 */
void twostage_history_rename(struct twostage_mount *mount)
{
	struct twostage_history *history = &mount->history;
	unsigned int nofs = memalloc_nofs_save();

	proc_remove(history->folder);
	history->folder = make_folder(mount);
	memalloc_nofs_restore(nofs);
	if (!history->folder)
		btrfs_warn(mount->fs_info, "no memory for the history in /proc");
}

/**
 * twostage_history_remove_mount - remove the history of a mount
 * @mount: its state; once this returns, nobody uses it through the history
 *
 * Context: unmount; may sleep.
 */
void twostage_history_remove_mount(struct twostage_mount *mount)
{
	proc_remove(mount->history.folder);
}

int __init twostage_history_init(void)
{
	twostage_folder = proc_mkdir("fs/btrfs_twostage", NULL);
	return twostage_folder ? 0 : -ENOMEM;
}

void twostage_history_exit(void)
{
	proc_remove(twostage_folder);
}
