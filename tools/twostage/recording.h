/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording of twostage record, as read back.
 *
 * Events are in the order of their times, whatever their order in the file.
 */
#ifndef TWOSTAGE_RECORDING_H
#define TWOSTAGE_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum recorded_kind {
	RECORDED_PASS_BEGIN,
	RECORDED_PASS_END,
	RECORDED_COMMIT,
	RECORDED_COMMIT_END,
	RECORDED_CACHE_START,
	RECORDED_CACHE_SKIP,
	RECORDED_CACHE_DISCARD,
	RECORDED_CACHE_WAIT,
	RECORDED_CACHE_COMPLETE,
	NR_RECORDED_KINDS
};

/* The fields of events by their names in the trace header, 0 where absent. */
#define RECORDED_NUMBERS(NUMBER)					\
	NUMBER(transid) NUMBER(number) NUMBER(window) NUMBER(dirty)	\
	NUMBER(num_started) NUMBER(num_waited) NUMBER(peak_in_flight)	\
	NUMBER(result) NUMBER(duration_ns) NUMBER(start_ns)		\
	NUMBER(wait_ns) NUMBER(critical_ns) NUMBER(whole_ns)		\
	NUMBER(start) NUMBER(flags) NUMBER(cache_bytes) NUMBER(bytes)	\
	NUMBER(in_flight) NUMBER(cache_inode)

#define RECORDED_UUID_SIZE	37

/**
 * struct recorded - an event
 * @time: when it was traced
 * @kind: which it is
 * @line: where in the file
 * @filesystem: which of the recording's
 * @policy: of a pass, by name
 * @pass: early, setup or commit
 * @reason: of a wait
 */
struct recorded {
	uint64_t time;
	enum recorded_kind kind;
	size_t line;
	unsigned int filesystem;
	char policy[16];
	char pass[16];
	char reason[16];
#define RECORDED_MEMBER(name) int64_t name;
	RECORDED_NUMBERS(RECORDED_MEMBER)
#undef RECORDED_MEMBER
};

/**
 * struct recording - all of it
 * @name: the file's, without its folder
 * @kernel: what it was recorded on
 * @module: the module's version
 * @recorded: when, as the recording says it
 * @begin: its first moment
 * @complete: it has its last line
 * @lost: how many events were lost
 */
struct recording {
	char *name;
	char kernel[128];
	char module[64];
	char recorded[32];
	uint64_t begin;
	bool complete;
	uint64_t lost;
	char (*filesystems)[RECORDED_UUID_SIZE];
	unsigned int nr_filesystems;
	struct recorded *events;
	size_t nr_events;
};

void *list_add(void **list, size_t *count, size_t size);

int recording_read(const char *path, struct recording *recording);
void recording_free(struct recording *recording);

#endif
