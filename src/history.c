// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/fs/btrfs_twostage/<fsid>/history: the last 256 commits of a mount.
 *
 * A line a commit, oldest first, below two lines of headings; the columns are
 * named there, are separated by spaces, and stay where they are: new ones come
 * at the end. Times are in nanoseconds; `ended` is of the monotonic clock. In
 * the manner of jbd2's info and of the txgs of ZFS. It is not in sysfs, where
 * a file has one page.
 *
 * A commit never waits for a reader: it writes under a sequence lock, and a
 * reader that was overtaken reads that record again. What a reader sees was
 * copied when it opened the file, so the lines belong together.
 */
#include <linux/proc_fs.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "ctree.h"
#include "mount.h"
#include "volumes.h"

static struct proc_dir_entry *twostage_folder;

/* What a reader has: the records as they were when it opened the file. */
struct snapshot {
	unsigned int count;
	struct twostage_record records[TWOSTAGE_NR_RECORDS];
};

/**
 * twostage_history_append - keep a commit
 * @history: the mount's
 * @record: the commit
 *
 * Context: a task that commits; several may come at once.
 */
void twostage_history_append(struct twostage_history *history,
			     const struct twostage_record *record)
{
	write_seqlock(&history->lock);
	history->records[history->next++ % TWOSTAGE_NR_RECORDS] = *record;
	write_sequnlock(&history->lock);
}

/**
 * twostage_history_reset - forget all commits
 * @history: the mount's
 */
void twostage_history_reset(struct twostage_history *history)
{
	write_seqlock(&history->lock);
	history->next = 0;
	write_sequnlock(&history->lock);
}

/* One at a time: an append in between makes only that one be read again. */
static void take_snapshot(struct twostage_history *history,
			  struct snapshot *snapshot)
{
	u64 position = 0, next;
	unsigned int sequence;
	struct twostage_record *record = snapshot->records;
	bool ended;

	while (record < snapshot->records + TWOSTAGE_NR_RECORDS) {
		do {
			sequence = read_seqbegin(&history->lock);
			next = history->next;
			/* What was overtaken meanwhile is gone. */
			if (next > TWOSTAGE_NR_RECORDS)
				position = max(position,
					       next - TWOSTAGE_NR_RECORDS);
			ended = position >= next;
			if (!ended)
				*record = history->records[position %
							   TWOSTAGE_NR_RECORDS];
		} while (read_seqretry(&history->lock, sequence));
		if (ended)
			break;
		record++;
		position++;
	}
	snapshot->count = record - snapshot->records;
}

static void *history_start(struct seq_file *file, loff_t *position)
{
	struct snapshot *snapshot = file->private;

	if (!*position)
		return SEQ_START_TOKEN;
	if (*position > snapshot->count)
		return NULL;
	return &snapshot->records[*position - 1];
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
	const struct twostage_record *record = item;
	unsigned int phase;

	if (item == SEQ_START_TOKEN) {
		seq_printf(file, "%10s %16s %-9s %6s %6s %6s %6s %5s %5s %11s",
			   "transid", "ended", "policy", "window", "passes",
			   "started", "waited", "again", "peak", "bytes");
#define HISTORY_HEADING(name, what) seq_printf(file, " %12s", #name "_ns");
		TWOSTAGE_PHASES(HISTORY_HEADING)
		seq_printf(file, " %12s %12s %6s\n", "start_ns", "wait_ns",
			   "result");
		return 0;
	}
	seq_printf(file, "%10llu %16llu %-9s %6u %6u %6u %6u %5u %5u %11llu",
		   record->transid, record->ended,
		   twostage_policy_name(&record->policy), record->policy.window,
		   record->passes, record->num_started, record->num_waited,
		   record->num_redirtied, record->peak_in_flight, record->bytes);
	for (phase = 0; phase < TWOSTAGE_NR_PHASES; phase++)
		seq_printf(file, " %12llu", record->phase_ns[phase]);
	seq_printf(file, " %12llu %12llu %6d\n", record->start_ns,
		   record->wait_ns, record->result);
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

/* The mount's folder, under the id that its filesystem has now, or NULL. */
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
 * twostage_history_add_mount - make the history of a mount
 * @mount: its state
 *
 * Context: mount, may sleep.
 * Return: 0 or -ENOMEM, and then nothing is left behind.
 */
int twostage_history_add_mount(struct twostage_mount *mount)
{
	struct twostage_history *history = &mount->history;

	seqlock_init(&history->lock);
	history->folder = make_folder(mount);
	return history->folder ? 0 : -ENOMEM;
}

/**
 * twostage_history_rename - follow a filesystem that has got another id
 * @mount: its state
 *
 * A seed gives its id up when it gets a device of its own, and may be mounted again
 * under it. Where there is no memory the history is gone until the next mount:
 * under the old name it would be in the way.
 *
 * Context: the task that adds the device, which has a transaction: no allocation
 * may wait for the filesystem. May sleep.
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
 * @mount: its state, which nobody uses through the history when this returns
 *
 * Context: unmount, may sleep.
 */
void twostage_history_remove_mount(struct twostage_mount *mount)
{
	proc_remove(mount->history.folder);
}

/**
 * twostage_history_init - make the module's folder in /proc
 *
 * Return: 0 or -ENOMEM.
 */
int __init twostage_history_init(void)
{
	twostage_folder = proc_mkdir("fs/btrfs_twostage", NULL);
	return twostage_folder ? 0 : -ENOMEM;
}

/**
 * twostage_history_exit - remove the module's folder in /proc
 */
void twostage_history_exit(void)
{
	proc_remove(twostage_folder);
}
