// SPDX-License-Identifier: GPL-2.0
/*
 * Prints an event as a line of a recording: a JSON object with the event's name,
 * its time and its fields, by the names that they have in the trace header.
 *
 * Numbers of policies, passes and reasons are printed by name.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "events.h"

struct symbol {
	u64 number;
	const char *name;
};

#define __print_symbolic(number, ...) \
	symbol_name(number, (const struct symbol[]){ __VA_ARGS__, { 0, NULL } })

static const char *symbol_name(u64 number, const struct symbol *symbols)
{
	for (; symbols->name; symbols++)
		if (symbols->number == number)
			return symbols->name;
	return "unknown";
}

struct field {
	const char *name;
	size_t size;
	bool is_signed;
	bool is_bytes;
};

struct layout {
	const char *name;
	const struct field *fields;
};

#define TWOSTAGE_RECORD(name, ...) \
	static const struct field fields_of_##name[] = {			\
		__VA_ARGS__ { NULL, 0, false, false }			\
	};
#define TWOSTAGE_EVENT(name, record)					\
	static const struct layout layout_of_##name = {			\
		#name, fields_of_##record				\
	};
#define TWOSTAGE_FIELD(type, name) \
	{ #name, sizeof(type), (type)(-1) < (type)1, false },
#define TWOSTAGE_BYTES(name, length) { #name, length, false, true },
#include "trace_events.h"

static const struct layout *find_layout(u32 event)
{
	const struct layout *found = NULL;

#define TWOSTAGE_RECORD(name, ...)
#define TWOSTAGE_EVENT(name, record) \
	found = event == EVENT_##name ? &layout_of_##name : found
#define TWOSTAGE_FIELD(type, name)
#define TWOSTAGE_BYTES(name, length)
#include "trace_events.h"
	return found;
}

/* The only bytes are a UUID. */
static void print_uuid(FILE *out, const unsigned char *bytes, size_t size)
{
	size_t i;

	fputc('"', out);
	for (i = 0; i < size; i++)
		fprintf(out, "%s%02x",
			i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			bytes[i]);
	fputc('"', out);
}

static void print_number(FILE *out, const struct field *field, u64 number)
{
	if (!strcmp(field->name, "policy"))
		fprintf(out, "\"%s\"", twostage_show_policy(number));
	else if (!strcmp(field->name, "pass"))
		fprintf(out, "\"%s\"", twostage_show_pass(number));
	else if (!strcmp(field->name, "reason"))
		fprintf(out, "\"%s\"", twostage_show_reason(number));
	else if (field->is_signed)
		fprintf(out, "%" PRId32, (int32_t)number);
	else
		fprintf(out, "%" PRIu64, (uint64_t)number);
}

/**
 * event_print - print an event as a line
 * @out: where to
 * @head: the event, as a program in the kernel handed it over
 * @size: of all of it
 *
 * Return: 0, or -EPROTO for what is no event.
 */
int event_print(FILE *out, const struct event_head *head, size_t size)
{
	const unsigned char *record = (const unsigned char *)(head + 1);
	const struct layout *layout;
	const struct field *field;
	size_t at = 0, alignment;
	u64 number;

	if (size < sizeof(*head) || size - sizeof(*head) < head->size)
		return -EPROTO;
	layout = find_layout(head->event);
	if (!layout)
		return -EPROTO;
	fprintf(out, "{\"event\":\"%s\",\"time\":%" PRIu64, layout->name,
		(uint64_t)head->time);
	for (field = layout->fields; field->name; field++) {
		alignment = field->is_bytes ? 1 : field->size;
		at = (at + alignment - 1) / alignment * alignment;
		fprintf(out, ",\"%s\":", field->name);
		if (field->is_bytes) {
			print_uuid(out, record + at, field->size);
		} else {
			number = 0;
			/* Little endian, as everything that BPF runs on here. */
			memcpy(&number, record + at, field->size);
			print_number(out, field, number);
		}
		at += field->size;
	}
	fputs("}\n", out);
	return 0;
}
