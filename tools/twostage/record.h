/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs in the kernel pass to twostage record: a head, followed by
 * the event's record as the module's trace header defines it.
 */
#ifndef TWOSTAGE_TOOL_RECORD_H
#define TWOSTAGE_TOOL_RECORD_H

#include <linux/types.h>

typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;

#define TWOSTAGE_RECORD(name, ...) struct record_##name { __VA_ARGS__ };
#define TWOSTAGE_EVENT(name, record)
#define TWOSTAGE_FIELD(type, name) type name;
#define TWOSTAGE_BYTES(name, length) u8 name[length];
#include "trace_events.h"

/* EVENT_<name> for each event, from 0. */
enum { EVENT_BASE = __COUNTER__ + 1 };

#define TWOSTAGE_RECORD(name, ...)
#define TWOSTAGE_EVENT(name, record) \
	enum { EVENT_##name = __COUNTER__ - EVENT_BASE };
#define TWOSTAGE_FIELD(type, name)
#define TWOSTAGE_BYTES(name, length)
#include "trace_events.h"

/**
 * struct event_head - what precedes each record
 * @time: when it happened, in nanoseconds of the monotonic clock
 * @event: which event, an EVENT_<name>
 * @size: of the record
 */
struct event_head {
	u64 time;
	u32 event;
	u32 size;
};

#endif
