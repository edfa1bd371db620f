/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The trace events of the writeout, in the trace system btrfs_twostage.
 *
 * They are an interface: names, fields and meanings stay; new fields are added at
 * the end. twostage_shared.h has the numbers of policies, passes and reasons, and of what
 * something is read ahead for.
 * Times are nanoseconds of the monotonic clock. All names have the project's
 * prefix, because raw tracepoints are found by name alone.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM btrfs_twostage

#if !defined(TWOSTAGE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TWOSTAGE_TRACE_H

#include <linux/tracepoint.h>
#include <linux/uuid.h>

#include "twostage_shared.h"

struct btrfs_block_group;
struct btrfs_fs_info;
struct twostage_cache_file;
struct twostage_commit;
struct twostage_pass;
struct twostage_read;

TRACE_DEFINE_ENUM(TWOSTAGE_POLICY_SERIAL);
TRACE_DEFINE_ENUM(TWOSTAGE_POLICY_TWO_STAGE);
TRACE_DEFINE_ENUM(TWOSTAGE_POLICY_EARLY);
TRACE_DEFINE_ENUM(TWOSTAGE_POLICY_STOCK);
TRACE_DEFINE_ENUM(TWOSTAGE_PASS_EARLY);
TRACE_DEFINE_ENUM(TWOSTAGE_PASS_SETUP);
TRACE_DEFINE_ENUM(TWOSTAGE_PASS_COMMIT);
TRACE_DEFINE_ENUM(TWOSTAGE_WAIT_BATCH);
TRACE_DEFINE_ENUM(TWOSTAGE_WAIT_REDIRTIED);
TRACE_DEFINE_ENUM(TWOSTAGE_WAIT_OUTSIDE);
TRACE_DEFINE_ENUM(TWOSTAGE_READ_MOUNT);
TRACE_DEFINE_ENUM(TWOSTAGE_READ_REFS);
TRACE_DEFINE_ENUM(TWOSTAGE_READ_PASS);
TRACE_DEFINE_ENUM(TWOSTAGE_READ_SCAN);

#define twostage_show_policy(policy)					\
	__print_symbolic(policy,					\
		{ TWOSTAGE_POLICY_SERIAL,	"serial" },		\
		{ TWOSTAGE_POLICY_TWO_STAGE,	"two_stage" },		\
		{ TWOSTAGE_POLICY_EARLY,	"early" },		\
		{ TWOSTAGE_POLICY_STOCK,	"stock" })

#define twostage_show_pass(pass)					\
	__print_symbolic(pass,						\
		{ TWOSTAGE_PASS_EARLY,		"early" },		\
		{ TWOSTAGE_PASS_SETUP,		"setup" },		\
		{ TWOSTAGE_PASS_COMMIT,		"commit" })

#define twostage_show_reason(reason)					\
	__print_symbolic(reason,					\
		{ TWOSTAGE_WAIT_BATCH,		"batch" },		\
		{ TWOSTAGE_WAIT_REDIRTIED,	"redirtied" },		\
		{ TWOSTAGE_WAIT_OUTSIDE,	"outside" })

#define twostage_show_before(before)					\
	__print_symbolic(before,					\
		{ TWOSTAGE_READ_MOUNT,		"mount" },		\
		{ TWOSTAGE_READ_REFS,		"refs" },		\
		{ TWOSTAGE_READ_PASS,		"pass" },		\
		{ TWOSTAGE_READ_SCAN,		"scan" })

/* A pass begins: which one, its policy, how many block groups are dirty. */
TRACE_EVENT(twostage_pass_begin,

	TP_PROTO(const struct btrfs_fs_info *fs_info,
		 const struct twostage_pass *pass),

	TP_ARGS(fs_info, pass),

	TP_STRUCT__entry(
		__array(u8,	fsid,	16)
		__field(u64,	transid)
		__field(u32,	pass)
		__field(u32,	number)
		__field(u32,	policy)
		__field(u32,	window)
		__field(u32,	dirty)
	),

	TP_fast_assign(
		memcpy(__entry->fsid, fs_info->fs_devices->fsid, 16);
		__entry->transid = pass->transid;
		__entry->pass = pass->kind;
		__entry->number = pass->number;
		__entry->policy = twostage_policy_id(&pass->policy);
		__entry->window = pass->policy.window;
		__entry->dirty = pass->dirty;
	),

	TP_printk("%pU: transid=%llu pass=%s number=%u policy=%s window=%u dirty=%u",
		  __entry->fsid, __entry->transid,
		  twostage_show_pass(__entry->pass), __entry->number,
		  twostage_show_policy(__entry->policy), __entry->window,
		  __entry->dirty)
);

/* A pass has ended: what its task started and waited for, and how long. */
TRACE_EVENT(twostage_pass_end,

	TP_PROTO(const struct btrfs_fs_info *fs_info,
		 const struct twostage_pass *pass, int result),

	TP_ARGS(fs_info, pass, result),

	TP_STRUCT__entry(
		__array(u8,	fsid,	16)
		__field(u64,	transid)
		__field(u32,	pass)
		__field(u32,	number)
		__field(u32,	policy)
		__field(u32,	window)
		__field(u32,	dirty)
		__field(u32,	num_started)
		__field(u32,	num_waited)
		__field(u32,	num_redirtied)
		__field(u32,	peak_in_flight)
		__field(int,	result)
		__field(u64,	duration_ns)
		__field(u64,	start_ns)
		__field(u64,	wait_ns)
	),

	TP_fast_assign(
		memcpy(__entry->fsid, fs_info->fs_devices->fsid, 16);
		__entry->transid = pass->transid;
		__entry->pass = pass->kind;
		__entry->number = pass->number;
		__entry->policy = twostage_policy_id(&pass->policy);
		__entry->window = pass->policy.window;
		__entry->dirty = pass->dirty;
		__entry->num_started = pass->num_started;
		__entry->num_waited = pass->num_waited;
		__entry->num_redirtied = pass->num_redirtied;
		__entry->peak_in_flight = pass->peak_in_flight;
		__entry->result = result;
		__entry->duration_ns = pass->duration_ns;
		__entry->start_ns = pass->start_ns;
		__entry->wait_ns = pass->wait_ns;
	),

	TP_printk("%pU: transid=%llu pass=%s number=%u policy=%s window=%u dirty=%u num_started=%u num_waited=%u num_redirtied=%u peak_in_flight=%u duration_ns=%llu start_ns=%llu wait_ns=%llu result=%d",
		  __entry->fsid, __entry->transid,
		  twostage_show_pass(__entry->pass), __entry->number,
		  twostage_show_policy(__entry->policy), __entry->window,
		  __entry->dirty, __entry->num_started, __entry->num_waited,
		  __entry->num_redirtied, __entry->peak_in_flight,
		  __entry->duration_ns, __entry->start_ns, __entry->wait_ns,
		  __entry->result)
);

/* A critical section has ended: the sum of its transaction's passes. */
TRACE_EVENT(twostage_commit,

	TP_PROTO(const struct btrfs_fs_info *fs_info,
		 const struct twostage_commit *commit),

	TP_ARGS(fs_info, commit),

	TP_STRUCT__entry(
		__array(u8,	fsid,	16)
		__field(u64,	transid)
		__field(u32,	passes)
		__field(u32,	num_started)
		__field(u32,	num_waited)
		__field(u32,	num_redirtied)
		__field(u32,	peak_in_flight)
		__field(u64,	early_ns)
		__field(u64,	setup_ns)
		__field(u64,	commit_ns)
		__field(u64,	start_ns)
		__field(u64,	wait_ns)
		__field(u64,	critical_ns)
		__field(u32,	num_put_off)
	),

	TP_fast_assign(
		memcpy(__entry->fsid, fs_info->fs_devices->fsid, 16);
		__entry->transid = commit->transid;
		__entry->passes = commit->passes;
		__entry->num_started = commit->num_started;
		__entry->num_waited = commit->num_waited;
		__entry->num_redirtied = commit->num_redirtied;
		__entry->peak_in_flight = commit->peak_in_flight;
		__entry->early_ns = commit->phase_ns[TWOSTAGE_PHASE_early];
		__entry->setup_ns = commit->phase_ns[TWOSTAGE_PHASE_setup];
		__entry->commit_ns = commit->phase_ns[TWOSTAGE_PHASE_commit];
		__entry->start_ns = commit->start_ns;
		__entry->wait_ns = commit->wait_ns;
		__entry->critical_ns = commit->phase_ns[TWOSTAGE_PHASE_critical];
		__entry->num_put_off = commit->num_put_off;
	),

	TP_printk("%pU: transid=%llu passes=%u num_started=%u num_waited=%u num_redirtied=%u peak_in_flight=%u early_ns=%llu setup_ns=%llu commit_ns=%llu start_ns=%llu wait_ns=%llu critical_ns=%llu num_put_off=%u",
		  __entry->fsid, __entry->transid, __entry->passes,
		  __entry->num_started, __entry->num_waited,
		  __entry->num_redirtied, __entry->peak_in_flight,
		  __entry->early_ns, __entry->setup_ns, __entry->commit_ns,
		  __entry->start_ns, __entry->wait_ns, __entry->critical_ns,
		  __entry->num_put_off)
);

/*
 * A commit has ended, and is in the history. whole_ns counts from when the
 * committing task asked for it.
 */
TRACE_EVENT(twostage_commit_end,

	TP_PROTO(const struct btrfs_fs_info *fs_info,
		 const struct twostage_commit *commit),

	TP_ARGS(fs_info, commit),

	TP_STRUCT__entry(
		__array(u8,	fsid,	16)
		__field(u64,	transid)
		__field(u64,	bytes)
		__field(u64,	whole_ns)
		__field(int,	result)
	),

	TP_fast_assign(
		memcpy(__entry->fsid, fs_info->fs_devices->fsid, 16);
		__entry->transid = commit->transid;
		__entry->bytes = commit->bytes;
		__entry->whole_ns = commit->phase_ns[TWOSTAGE_PHASE_whole];
		__entry->result = commit->result;
	),

	TP_printk("%pU: transid=%llu bytes=%llu whole_ns=%llu result=%d",
		  __entry->fsid, __entry->transid, __entry->bytes,
		  __entry->whole_ns, __entry->result)
);

/*
 * Something happened to a cache. in_flight is the number in flight after it,
 * duration_ns how long the step took.
 */
DECLARE_EVENT_CLASS(twostage_cache,

	TP_PROTO(const struct btrfs_fs_info *fs_info,
		 const struct btrfs_block_group *block_group, u64 transid,
		 const struct twostage_cache_file *file, u32 in_flight,
		 u64 duration_ns, int result),

	TP_ARGS(fs_info, block_group, transid, file, in_flight,
		duration_ns, result),

	TP_STRUCT__entry(
		__array(u8,	fsid,	16)
		__field(u64,	transid)
		__field(u64,	start)
		__field(u64,	length)
		__field(u64,	flags)
		__field(u64,	cache_bytes)
		__field(u32,	in_flight)
		__field(int,	result)
		__field(u64,	duration_ns)
		__field(u64,	cache_inode)
	),

	TP_fast_assign(
		memcpy(__entry->fsid, fs_info->fs_devices->fsid, 16);
		__entry->transid = transid;
		__entry->start = block_group->start;
		__entry->length = block_group->length;
		__entry->flags = block_group->flags;
		__entry->cache_bytes = file->bytes;
		__entry->in_flight = in_flight;
		__entry->result = result;
		__entry->duration_ns = duration_ns;
		__entry->cache_inode = file->inode;
	),

	TP_printk("%pU: transid=%llu start=%llu length=%llu flags=0x%llx cache_bytes=%llu in_flight=%u duration_ns=%llu result=%d cache_inode=%llu",
		  __entry->fsid, __entry->transid, __entry->start,
		  __entry->length, __entry->flags, __entry->cache_bytes,
		  __entry->in_flight, __entry->duration_ns, __entry->result,
		  __entry->cache_inode)
);

#define TWOSTAGE_CACHE_EVENT(name)					\
DEFINE_EVENT(twostage_cache, name,					\
	TP_PROTO(const struct btrfs_fs_info *fs_info,			\
		 const struct btrfs_block_group *block_group,		\
		 u64 transid, const struct twostage_cache_file *file,	\
		 u32 in_flight,						\
		 u64 duration_ns, int result),				\
	TP_ARGS(fs_info, block_group, transid, file, in_flight,	\
		duration_ns, result))

/* Its writeout was started, and it is in flight. */
TWOSTAGE_CACHE_EVENT(twostage_cache_start);

/* It was set up but not started: an error, or nothing to write. */
TWOSTAGE_CACHE_EVENT(twostage_cache_skip);

/* An aborted transaction dropped it while it was in flight. */
TWOSTAGE_CACHE_EVENT(twostage_cache_discard);

/* It was waited for, and is valid if the result is 0. */
TRACE_EVENT(twostage_cache_wait,

	TP_PROTO(const struct btrfs_fs_info *fs_info,
		 const struct btrfs_block_group *block_group, u64 transid,
		 const struct twostage_cache_file *file, u32 in_flight, u64 duration_ns, u32 reason,
		 int result),

	TP_ARGS(fs_info, block_group, transid, file, in_flight,
		duration_ns, reason, result),

	TP_STRUCT__entry(
		__array(u8,	fsid,	16)
		__field(u64,	transid)
		__field(u64,	start)
		__field(u64,	length)
		__field(u64,	flags)
		__field(u64,	cache_bytes)
		__field(u32,	in_flight)
		__field(int,	result)
		__field(u64,	duration_ns)
		__field(u32,	reason)
		__field(u64,	cache_inode)
	),

	TP_fast_assign(
		memcpy(__entry->fsid, fs_info->fs_devices->fsid, 16);
		__entry->transid = transid;
		__entry->start = block_group->start;
		__entry->length = block_group->length;
		__entry->flags = block_group->flags;
		__entry->cache_bytes = file->bytes;
		__entry->in_flight = in_flight;
		__entry->result = result;
		__entry->duration_ns = duration_ns;
		__entry->reason = reason;
		__entry->cache_inode = file->inode;
	),

	TP_printk("%pU: transid=%llu start=%llu length=%llu flags=0x%llx cache_bytes=%llu in_flight=%u duration_ns=%llu reason=%s result=%d cache_inode=%llu",
		  __entry->fsid, __entry->transid, __entry->start,
		  __entry->length, __entry->flags, __entry->cache_bytes,
		  __entry->in_flight, __entry->duration_ns,
		  twostage_show_reason(__entry->reason), __entry->result,
		  __entry->cache_inode)
);

/*
 * With settle (src/settle.c), something happened to the cache of a data block group.
 * quiet is the number of commits since the block group was dirtied before, or since its
 * cache could not be written, or 0 if that is not known, as when the cache was valid;
 * unsettled is how many are unsettled now.
 */
DECLARE_EVENT_CLASS(twostage_settle,

	TP_PROTO(const struct btrfs_fs_info *fs_info,
		 const struct btrfs_block_group *block_group, u64 transid, u32 quiet,
		 u32 unsettled),

	TP_ARGS(fs_info, block_group, transid, quiet, unsettled),

	TP_STRUCT__entry(
		__array(u8,	fsid,	16)
		__field(u64,	transid)
		__field(u64,	start)
		__field(u64,	length)
		__field(u64,	flags)
		__field(u32,	quiet)
		__field(u32,	unsettled)
	),

	TP_fast_assign(
		memcpy(__entry->fsid, fs_info->fs_devices->fsid, 16);
		__entry->transid = transid;
		__entry->start = block_group->start;
		__entry->length = block_group->length;
		__entry->flags = block_group->flags;
		__entry->quiet = quiet;
		__entry->unsettled = unsettled;
	),

	TP_printk("%pU: transid=%llu start=%llu length=%llu flags=0x%llx quiet=%u unsettled=%u",
		  __entry->fsid, __entry->transid, __entry->start,
		  __entry->length, __entry->flags, __entry->quiet,
		  __entry->unsettled)
);

#define TWOSTAGE_SETTLE_EVENT(name)					\
DEFINE_EVENT(twostage_settle, name,					\
	TP_PROTO(const struct btrfs_fs_info *fs_info,			\
		 const struct btrfs_block_group *block_group,		\
		 u64 transid, u32 quiet, u32 unsettled),		\
	TP_ARGS(fs_info, block_group, transid, quiet, unsettled))

/* It is not written in this commit. At most once for each commit. */
TWOSTAGE_SETTLE_EVENT(twostage_cache_put_off);

/* It was put off while it was valid, and no longer is. */
TWOSTAGE_SETTLE_EVENT(twostage_cache_invalidate);

/* It was written, and is valid again. */
TWOSTAGE_SETTLE_EVENT(twostage_cache_settle);

/*
 * An ordered extent of a cache file is on disk. A cache in several pieces has
 * several of them, and is complete with the last.
 */
TRACE_EVENT(twostage_cache_complete,

	TP_PROTO(const struct btrfs_fs_info *fs_info, u64 transid,
		 u64 cache_inode, u64 offset, u64 bytes, int result),

	TP_ARGS(fs_info, transid, cache_inode, offset, bytes, result),

	TP_STRUCT__entry(
		__array(u8,	fsid,	16)
		__field(u64,	transid)
		__field(u64,	cache_inode)
		__field(u64,	offset)
		__field(u64,	bytes)
		__field(int,	result)
	),

	TP_fast_assign(
		memcpy(__entry->fsid, fs_info->fs_devices->fsid, 16);
		__entry->transid = transid;
		__entry->cache_inode = cache_inode;
		__entry->offset = offset;
		__entry->bytes = bytes;
		__entry->result = result;
	),

	TP_printk("%pU: transid=%llu cache_inode=%llu offset=%llu bytes=%llu result=%d",
		  __entry->fsid, __entry->transid, __entry->cache_inode,
		  __entry->offset, __entry->bytes, __entry->result)
);

/*
 * A task, the current one, could not join a transaction because of a critical section.
 * held_up_ns is as much of its wait as was within that, or within the next one if that
 * had begun before the task ran again. transid is the transaction of the last commit.
 */
TRACE_EVENT(twostage_held_up,

	TP_PROTO(const struct btrfs_fs_info *fs_info, u64 transid, u64 held_up_ns),

	TP_ARGS(fs_info, transid, held_up_ns),

	TP_STRUCT__entry(
		__array(u8,	fsid,	16)
		__field(u64,	transid)
		__field(u64,	held_up_ns)
	),

	TP_fast_assign(
		memcpy(__entry->fsid, fs_info->fs_devices->fsid, 16);
		__entry->transid = transid;
		__entry->held_up_ns = held_up_ns;
	),

	TP_printk("%pU: transid=%llu held_up_ns=%llu",
		  __entry->fsid, __entry->transid, __entry->held_up_ns)
);

/*
 * All that is needed next is being read, or has been: blocks of trees and caches whose
 * reading was started, and blocks that were in memory. transid is 0 outside a transaction.
 */
TRACE_EVENT(twostage_read_ahead,

	TP_PROTO(const struct btrfs_fs_info *fs_info, u64 transid,
		 const struct twostage_read *read, u64 duration_ns),

	TP_ARGS(fs_info, transid, read, duration_ns),

	TP_STRUCT__entry(
		__array(u8,	fsid,	16)
		__field(u64,	transid)
		__field(u32,	before)
		__field(u32,	num_blocks)
		__field(u32,	num_in_memory)
		__field(u32,	num_caches)
		__field(u64,	duration_ns)
	),

	TP_fast_assign(
		memcpy(__entry->fsid, fs_info->fs_devices->fsid, 16);
		__entry->transid = transid;
		__entry->before = read->before;
		__entry->num_blocks = read->num_blocks;
		__entry->num_in_memory = read->num_in_memory;
		__entry->num_caches = read->num_caches;
		__entry->duration_ns = duration_ns;
	),

	TP_printk("%pU: transid=%llu before=%s num_blocks=%u num_in_memory=%u num_caches=%u duration_ns=%llu",
		  __entry->fsid, __entry->transid,
		  twostage_show_before(__entry->before), __entry->num_blocks,
		  __entry->num_in_memory, __entry->num_caches, __entry->duration_ns)
);

#endif /* TWOSTAGE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE twostage_trace
#include <trace/define_trace.h>
