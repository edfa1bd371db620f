// SPDX-License-Identifier: GPL-2.0
/*
 * What twostage record attaches to the module's trace events: a program for each
 * copies it, with the time, to a ring buffer, and counts what does not fit.
 *
 * Compiled twice. With RECORD_CORE, fields are found by the module's BTF when the
 * programs are loaded; without, they are where the trace header puts them, which
 * is right for a module of the same version.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "record.h"

#ifdef RECORD_CORE
#define RELOCATED __attribute__((preserve_access_index))
#else
#define RELOCATED
#endif

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 23);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} lost SEC(".maps");

static void count_lost(void)
{
	u32 key = 0;
	u64 *count = bpf_map_lookup_elem(&lost, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
}

#define TWOSTAGE_RECORD(name, ...)					\
	struct trace_event_raw_##name {					\
		u64 entry;						\
		__VA_ARGS__						\
	} RELOCATED;
#define TWOSTAGE_EVENT(name, record)
#define TWOSTAGE_FIELD(type, name) type name;
#define TWOSTAGE_BYTES(name, length) u8 name[length];
#include "trace_events.h"

#define TWOSTAGE_RECORD(name, ...)					\
	static __always_inline void					\
	copy_##name(struct trace_event_raw_##name *from,		\
		    struct record_##name *to)				\
	{								\
		__VA_ARGS__						\
	}
#define TWOSTAGE_EVENT(name, record)
#define TWOSTAGE_FIELD(type, name) to->name = from->name;
#define TWOSTAGE_BYTES(name, length) \
	bpf_probe_read_kernel(to->name, length, from->name);
#include "trace_events.h"

#define TWOSTAGE_RECORD(name, ...)
#define TWOSTAGE_EVENT(name, record)					\
	SEC("tracepoint/btrfs_twostage/" #name)				\
	int on_##name(struct trace_event_raw_##record *event)		\
	{								\
		struct {						\
			struct event_head head;				\
			struct record_##record body;			\
		} *copy;						\
									\
		copy = bpf_ringbuf_reserve(&events, sizeof(*copy), 0);	\
		if (!copy) {						\
			count_lost();					\
			return 0;					\
		}							\
		copy->head.time = bpf_ktime_get_ns();			\
		copy->head.event = EVENT_##name;			\
		copy->head.size = sizeof(copy->body);			\
		copy_##record(event, &copy->body);			\
		bpf_ringbuf_submit(copy, 0);				\
		return 0;						\
	}
#define TWOSTAGE_FIELD(type, name)
#define TWOSTAGE_BYTES(name, length)
#include "trace_events.h"
