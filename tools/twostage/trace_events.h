/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's trace events, for programs: include/twostage_trace.h is read again,
 * each time with other macros, as the kernel does it. So a field is defined in one
 * place only.
 *
 *	#define TWOSTAGE_RECORD(name, ...)	what a record looks like
 *	#define TWOSTAGE_EVENT(name, record)	which event has which record
 *	#define TWOSTAGE_FIELD(type, name)	a field of a record
 *	#define TWOSTAGE_BYTES(name, length)	a field of so many bytes
 *	#include "trace_events.h"
 *
 * All four are undefined afterwards. twostage_show_policy() and the like remain;
 * they need a macro __print_symbolic() that gives a number's name.
 */
#define TRACE_HEADER_MULTI_READ
#pragma push_macro("__array")
#undef __array
#define TRACE_DEFINE_ENUM(name)
#define TP_PROTO(...)
#define TP_ARGS(...)
#define TP_fast_assign(...)
#define TP_printk(...)
#define TP_STRUCT__entry(...) __VA_ARGS__
#define __field(type, name) TWOSTAGE_FIELD(type, name)
#define __array(type, name, length) TWOSTAGE_BYTES(name, length)
#define DECLARE_EVENT_CLASS(name, proto, args, fields, assign, print) \
	TWOSTAGE_RECORD(name, fields)
#define DEFINE_EVENT(record, name, proto, args) TWOSTAGE_EVENT(name, record)
#define TRACE_EVENT(name, proto, args, fields, assign, print) \
	TWOSTAGE_RECORD(name, fields) TWOSTAGE_EVENT(name, name)

#include "twostage_trace.h"

#undef TRACE_HEADER_MULTI_READ
#undef TRACE_DEFINE_ENUM
#undef TP_PROTO
#undef TP_ARGS
#undef TP_fast_assign
#undef TP_printk
#undef TP_STRUCT__entry
#undef __field
#pragma pop_macro("__array")
#undef DECLARE_EVENT_CLASS
#undef DEFINE_EVENT
#undef TRACE_EVENT
#undef TWOSTAGE_CACHE_EVENT
#undef TWOSTAGE_SETTLE_EVENT
#undef TWOSTAGE_RECORD
#undef TWOSTAGE_EVENT
#undef TWOSTAGE_FIELD
#undef TWOSTAGE_BYTES
