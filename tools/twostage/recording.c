// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a recording, and assembles commits from its events: the one place that
 * knows which wait belongs to which start.
 *
 * Events are processed in the order of their times, whatever their order in the
 * file. Unknown events and fields, which a later module may add, are ignored, and
 * so is an incomplete last line, which a killed recorder leaves. What was not
 * recorded is null.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "commands.h"
#include "recording.h"
#include "values.h"

#define NR_INTERVALS	65	/* 0, and one for each bit */
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

/* The places in the array of a cache, in the order of docs/formats.md. */
enum {
	CACHE_START, CACHE_FLAGS, CACHE_BYTES, CACHE_START_BEGIN, CACHE_START_END,
	CACHE_COMPLETED, CACHE_WAIT_BEGIN, CACHE_WAIT_END, CACHE_REASON, CACHE_RESULT,
};

/* Kept as text, and parsed again in its turn: an object takes ten times the room. */
struct event {
	int64_t time;
	size_t line;
	char *text;
};

struct in_flight {
	TAILQ_ENTRY(in_flight) list;
	struct json_object *commit;
	struct json_object *cache;
	int64_t start;
	int64_t inode;
};

struct recording {
	struct json_object *report;
	struct json_object *filesystems;
	struct json_object *commits;
	struct json_object *commit;	/* of the event that is being added */
	int64_t begin;
	struct event *events;
	size_t nr_events;
	TAILQ_HEAD(, in_flight) in_flight;
	uint64_t histograms[TWOSTAGE_NR_HISTOGRAMS][NR_INTERVALS];
};

static struct json_object *new_number(int64_t value)
{
	return json_made(json_object_new_int64(value));
}

static void put(struct json_object *array, size_t place, struct json_object *value)
{
	expect_memory(!json_object_array_put_idx(array, place, value));
}

static struct json_object *add_array(struct json_object *object, const char *name)
{
	struct json_object *array = json_made(json_object_new_array());

	json_set(object, name, array);
	return array;
}

/* "" if it is no text. */
static const char *text_of(struct json_object *object, const char *name)
{
	struct json_object *value = json_object_object_get(object, name);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

/*
 * The time @before nanoseconds ahead of the event, counted from the beginning of
 * the recording; null if that had not begun yet.
 */
static struct json_object *moment(const struct recording *recording, struct json_object *event,
				  int64_t before)
{
	int64_t time = json_get_int(event, "time") - recording->begin;

	return before < 0 || time < before ? NULL : new_number(time - before);
}

static void count_in_histogram(struct recording *recording, enum twostage_histogram which,
			       int64_t value)
{
	recording->histograms[which][value > 0 ? 64 - __builtin_clzll(value) : 0]++;
}

static void count(struct recording *recording, const char *name, int64_t by)
{
	json_object_int_inc(json_object_object_get(recording->commit, name), by);
}

/* Return: where in the list of filesystems it is. */
static size_t find_filesystem(struct recording *recording, const char *uuid)
{
	size_t i, filesystems = json_object_array_length(recording->filesystems);

	for (i = 0; i < filesystems; i++)
		if (!strcmp(uuid, json_object_get_string(
				json_object_array_get_idx(recording->filesystems, i))))
			return i;
	json_append(recording->filesystems, json_made(json_object_new_string(uuid)));
	return filesystems;
}

static struct json_object *find_commit(struct recording *recording, struct json_object *event)
{
	static const char *const unknown[] = {
		"window", "begin", "end", "whole_ns", "critical_begin", "critical_end",
		"critical_ns", "result",
	};
	static const char *const counted[] = {
		"bytes", "num_started", "num_waited", "num_redirtied", "num_skipped",
		"num_discarded", "num_put_off", "peak_in_flight", "num_blocks_read",
		"num_caches_read", "read_ns",
	};
	int64_t fsid = find_filesystem(recording, text_of(event, "fsid"));
	int64_t transid = json_get_int(event, "transid");
	struct json_object *commit;
	size_t i;

	for (i = json_object_array_length(recording->commits); i; i--) {
		commit = json_object_array_get_idx(recording->commits, i - 1);
		if (json_get_int(commit, "transid") == transid &&
		    json_get_int(commit, "fsid") == fsid)
			return commit;
	}
	commit = json_made(json_object_new_object());
	json_set_int(commit, "fsid", fsid);
	json_set_int(commit, "transid", transid);
	/* A commit without a pass has none. */
	json_set_text(commit, "policy", "none");
	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		json_set(commit, unknown[i], NULL);
	for (i = 0; i < ARRAY_SIZE(counted); i++)
		json_set_int(commit, counted[i], 0);
	add_array(commit, "reads");
	add_array(commit, "passes");
	add_array(commit, "caches");
	json_append(recording->commits, commit);
	return commit;
}

static struct json_object *find_pass(struct recording *recording, int64_t number)
{
	struct json_object *passes = json_object_object_get(recording->commit, "passes");
	struct json_object *pass;
	size_t i;

	for (i = json_object_array_length(passes); i; i--) {
		pass = json_object_array_get_idx(passes, i - 1);
		if (json_get_int(pass, "number") == number)
			return pass;
	}
	pass = json_made(json_object_new_object());
	json_append(passes, pass);
	return pass;
}

/* Both events of a pass have the same names for the same things. */
static void add_pass(struct recording *recording, struct json_object *event)
{
	static const char *const copied[] = {
		"number", "dirty", "num_started", "num_waited", "peak_in_flight", "start_ns",
		"wait_ns",
	};
	bool ended = !strcmp(text_of(event, "event"), "twostage_pass_end");
	struct json_object *pass = find_pass(recording, json_get_int(event, "number"));
	int64_t duration = json_get_int(event, "duration_ns");
	const char *kind = text_of(event, "pass");
	size_t i;

	json_set_text(recording->commit, "policy", text_of(event, "policy"));
	json_set_int(recording->commit, "window", json_get_int(event, "window"));
	json_set_text(pass, "kind", kind);
	for (i = 0; i < ARRAY_SIZE(copied); i++)
		json_set_int(pass, copied[i], json_get_int(event, copied[i]));
	json_set(pass, "begin", moment(recording, event, duration));
	json_set(pass, "end", ended ? moment(recording, event, 0) : NULL);
	json_set(pass, "result", ended ? new_number(json_get_int(event, "result")) : NULL);
	if (ended && !strcmp(kind, "early"))
		count_in_histogram(recording, TWOSTAGE_HISTOGRAM_early_ns, duration);
	else if (ended && !strcmp(kind, "commit"))
		count_in_histogram(recording, TWOSTAGE_HISTOGRAM_commit_ns, duration);
}

static void add_start(struct recording *recording, struct json_object *event)
{
	int64_t start = json_get_int(event, "start"), bytes = json_get_int(event, "cache_bytes");
	int64_t in_flight = json_get_int(event, "in_flight");
	struct json_object *cache = json_made(json_object_new_array());
	struct in_flight *started = malloc(sizeof(*started));

	expect_memory(started);
	*started = (struct in_flight){
		.commit = recording->commit, .cache = cache, .start = start,
		.inode = json_get_int(event, "cache_inode"),
	};
	TAILQ_INSERT_TAIL(&recording->in_flight, started, list);
	json_append(json_object_object_get(recording->commit, "caches"), cache);
	put(cache, CACHE_START, new_number(start));
	put(cache, CACHE_FLAGS, new_number(json_get_int(event, "flags")));
	put(cache, CACHE_BYTES, new_number(bytes));
	put(cache, CACHE_START_BEGIN,
	    moment(recording, event, json_get_int(event, "duration_ns")));
	put(cache, CACHE_START_END, moment(recording, event, 0));
	put(cache, CACHE_RESULT, NULL);
	count(recording, "num_started", 1);
	count(recording, "bytes", bytes);
	if (in_flight > json_get_int(recording->commit, "peak_in_flight"))
		json_set_int(recording->commit, "peak_in_flight", in_flight);
	count_in_histogram(recording, TWOSTAGE_HISTOGRAM_in_flight, in_flight);
}

/*
 * A completion names the cache's file, a wait its block group.
 * Return: NULL if the start was lost, or came before the recording.
 */
static struct in_flight *find_in_flight(struct recording *recording, struct json_object *event,
					bool by_file)
{
	int64_t wanted = json_get_int(event, by_file ? "cache_inode" : "start");
	struct in_flight *found;

	TAILQ_FOREACH(found, &recording->in_flight, list)
		if (found->commit == recording->commit &&
		    wanted == (by_file ? found->inode : found->start))
			break;
	return found;
}

/* A cache file of several extents is complete with the last of them. */
static void add_complete(struct recording *recording, struct json_object *event)
{
	struct in_flight *found = find_in_flight(recording, event, true);

	if (found)
		put(found->cache, CACHE_COMPLETED, moment(recording, event, 0));
}

/* A wait for a cache, or its discard. */
static void add_wait(struct recording *recording, struct json_object *event)
{
	bool discarded = !strcmp(text_of(event, "event"), "twostage_cache_discard");
	const char *reason = discarded ? "discarded" : text_of(event, "reason");
	struct in_flight *found = find_in_flight(recording, event, false);
	int64_t duration = json_get_int(event, "duration_ns");

	count(recording, discarded ? "num_discarded" : "num_waited", 1);
	count(recording, "num_redirtied", !strcmp(reason, "redirtied"));
	if (!discarded)
		count_in_histogram(recording, TWOSTAGE_HISTOGRAM_wait_ns, duration);
	if (!found)
		return;
	put(found->cache, CACHE_WAIT_BEGIN, moment(recording, event, duration));
	put(found->cache, CACHE_WAIT_END, moment(recording, event, 0));
	put(found->cache, CACHE_REASON, json_made(json_object_new_string(reason)));
	put(found->cache, CACHE_RESULT, new_number(json_get_int(event, "result")));
	TAILQ_REMOVE(&recording->in_flight, found, list);
	free(found);
}

static void add_skip(struct recording *recording, struct json_object *event)
{
	(void)event;
	count(recording, "num_skipped", 1);
}

static void add_put_off(struct recording *recording, struct json_object *event)
{
	(void)event;
	count(recording, "num_put_off", 1);
}

static void add_read(struct recording *recording, struct json_object *event)
{
	struct json_object *read = json_made(json_object_new_object());
	int64_t duration = json_get_int(event, "duration_ns");
	int64_t blocks = json_get_int(event, "num_blocks");
	int64_t caches = json_get_int(event, "num_caches");

	json_set_text(read, "before", text_of(event, "before"));
	json_set(read, "begin", moment(recording, event, duration));
	json_set(read, "end", moment(recording, event, 0));
	json_set_int(read, "num_blocks", blocks);
	json_set_int(read, "num_in_memory", json_get_int(event, "num_in_memory"));
	json_set_int(read, "num_caches", caches);
	json_append(json_object_object_get(recording->commit, "reads"), read);
	count(recording, "num_blocks_read", blocks);
	count(recording, "num_caches_read", caches);
	count(recording, "read_ns", duration);
}

static void set_span(struct recording *recording, struct json_object *event,
		     const char *length_name, const char *begin_name, const char *end_name)
{
	int64_t length = json_get_int(event, length_name);

	json_set_int(recording->commit, length_name, length);
	json_set(recording->commit, begin_name, moment(recording, event, length));
	json_set(recording->commit, end_name, moment(recording, event, 0));
}

static void add_critical(struct recording *recording, struct json_object *event)
{
	set_span(recording, event, "critical_ns", "critical_begin", "critical_end");
}

static void add_end(struct recording *recording, struct json_object *event)
{
	set_span(recording, event, "whole_ns", "begin", "end");
	json_set_int(recording->commit, "result", json_get_int(event, "result"));
}

static const struct kind {
	const char *name;
	void (*add)(struct recording *recording, struct json_object *event);
} kinds[] = {
	{ "twostage_read_ahead", add_read },
	{ "twostage_pass_begin", add_pass },
	{ "twostage_pass_end", add_pass },
	{ "twostage_cache_start", add_start },
	{ "twostage_cache_complete", add_complete },
	{ "twostage_cache_wait", add_wait },
	{ "twostage_cache_discard", add_wait },
	{ "twostage_cache_skip", add_skip },
	{ "twostage_cache_put_off", add_put_off },
	{ "twostage_commit", add_critical },
	{ "twostage_commit_end", add_end },
};

static const struct kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

static int parse_head(struct recording *recording, struct json_object *head)
{
	static const char *const copied[] = { "kernel", "module", "recorded" };
	size_t i;

	if (strcmp(text_of(head, "format"), RECORDING_FORMAT))
		return -EPROTO;
	if (json_get_int(head, "version") != RECORDING_VERSION)
		return -EPROTONOSUPPORT;
	for (i = 0; i < ARRAY_SIZE(copied); i++)
		json_set_text(recording->report, copied[i], text_of(head, copied[i]));
	recording->begin = json_get_int(head, "time");
	return 0;
}

/* Keeps the text of an event, and then sets *@text to NULL. */
static int parse_event(struct recording *recording, struct json_object *object, size_t line,
		       char **text)
{
	const char *name = text_of(object, "event");
	size_t nr = recording->nr_events;

	if (!*name)
		return -EPROTO;
	if (!strcmp(name, "end")) {
		json_set(recording->report, "complete", json_made(json_object_new_boolean(true)));
		json_set_int(recording->report, "lost", json_get_int(object, "lost"));
	}
	if (!find_kind(name))
		return 0;
	/* The array grows by powers of two. */
	if (!(nr & (nr - 1))) {
		recording->events = reallocarray(recording->events, nr ? nr * 2 : 1,
						 sizeof(*recording->events));
		expect_memory(recording->events);
	}
	recording->events[recording->nr_events++] = (struct event){
		.time = json_get_int(object, "time"), .line = line, .text = *text,
	};
	*text = NULL;
	return 0;
}

static int parse_lines(struct recording *recording, FILE *file, size_t *line)
{
	struct json_object *object;
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	int ret = 0;

	while (!ret && (length = getline(&text, &size, file)) > 0) {
		/* Cut off while it was written. */
		if (text[length - 1] != '\n' && *line)
			break;
		++*line;
		object = json_tokener_parse(text);
		if (!json_object_is_type(object, json_type_object))
			ret = -EPROTO;
		else if (*line == 1)
			ret = parse_head(recording, object);
		else
			ret = parse_event(recording, object, *line, &text);
		if (!text)
			size = 0;
		json_object_put(object);
	}
	if (!ret && ferror(file))
		ret = -errno;
	if (!ret && !*line)
		ret = -EPROTO;
	free(text);
	return ret;
}

static int compare_events(const void *one, const void *other)
{
	const struct event *a = one, *b = other;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

static void add_events(struct recording *recording)
{
	struct json_object *event;
	size_t i;

	if (recording->nr_events)
		qsort(recording->events, recording->nr_events, sizeof(*recording->events),
		      compare_events);
	for (i = 0; i < recording->nr_events; i++) {
		event = json_made(json_tokener_parse(recording->events[i].text));
		/* What is read ahead for a mount or a scan is of no commit. */
		if (json_get_int(event, "transid")) {
			recording->commit = find_commit(recording, event);
			find_kind(text_of(event, "event"))->add(recording, event);
		}
		json_object_put(event);
	}
}

static void add_histograms(struct recording *recording)
{
	struct json_object *histograms = json_made(json_object_new_object()), *buckets, *bucket;
	unsigned int which, i;

	json_set(recording->report, "histograms", histograms);
	for (which = 0; which < TWOSTAGE_NR_HISTOGRAMS; which++) {
		buckets = add_array(histograms, histogram_names[which]);
		for (i = 0; i < NR_INTERVALS; i++) {
			if (!recording->histograms[which][i])
				continue;
			bucket = json_made(json_object_new_array());
			json_append(bucket, new_number(i ? INT64_C(1) << (i - 1) : 0));
			json_append(bucket, new_number(recording->histograms[which][i]));
			json_append(buckets, bucket);
		}
	}
}

static void explain(const char *path, size_t line, int error)
{
	if (error == -EPROTONOSUPPORT)
		complain("report: %s: made by a newer twostage record: use the tools of that version",
			 path);
	else if (error == -EPROTO && line <= 1)
		complain("report: %s: not a recording of twostage record", path);
	else if (error == -EPROTO)
		complain("report: %s: line %zu is damaged: remove it to go on without it",
			 path, line);
	else
		complain("report: %s: %s", path, strerror(-error));
}

static void free_recording(struct recording *recording)
{
	struct in_flight *first;

	while ((first = TAILQ_FIRST(&recording->in_flight))) {
		TAILQ_REMOVE(&recording->in_flight, first, list);
		free(first);
	}
	while (recording->nr_events)
		free(recording->events[--recording->nr_events].text);
	free(recording->events);
}

/**
 * recording_read - read a recording, and assemble what to report of it
 * @path: the file, or "-" for standard input
 * @report: the result, as docs/formats.md has it; the caller owns it on success
 *
 * Return: 0, or a negative errno after a message.
 */
int recording_read(const char *path, struct json_object **report)
{
	struct recording recording = { .report = json_made(json_object_new_object()) };
	const bool piped = !strcmp(path, "-");
	const char *slash = strrchr(path, '/');
	const char *name = piped ? "standard input" : path;
	size_t line = 0;
	FILE *file;
	int ret;

	TAILQ_INIT(&recording.in_flight);
	json_set_text(recording.report, "name", slash ? slash + 1 : name);
	json_set(recording.report, "complete", json_made(json_object_new_boolean(false)));
	json_set_int(recording.report, "lost", 0);
	recording.filesystems = add_array(recording.report, "filesystems");
	recording.commits = add_array(recording.report, "commits");
	file = piped ? stdin : fopen(path, "re");
	ret = file ? parse_lines(&recording, file, &line) : -errno;
	if (file && file != stdin)
		fclose(file);
	if (!ret) {
		add_events(&recording);
		add_histograms(&recording);
	}
	free_recording(&recording);
	if (!ret) {
		*report = recording.report;
		return 0;
	}
	json_object_put(recording.report);
	explain(name, line, ret);
	return ret;
}
