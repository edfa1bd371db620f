// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a recording; see recording.h.
 *
 * What a later module may add, other events and other fields, is passed over. A
 * last line that is not whole is what a recorder leaves that was killed.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "recording.h"

#define FORMAT	"btrfs_twostage recording"
#define VERSION	1

static const char *const kind_names[NR_RECORDED_KINDS] = {
	[RECORDED_PASS_BEGIN] = "twostage_pass_begin",
	[RECORDED_PASS_END] = "twostage_pass_end",
	[RECORDED_COMMIT] = "twostage_commit",
	[RECORDED_COMMIT_END] = "twostage_commit_end",
	[RECORDED_CACHE_START] = "twostage_cache_start",
	[RECORDED_CACHE_SKIP] = "twostage_cache_skip",
	[RECORDED_CACHE_DISCARD] = "twostage_cache_discard",
	[RECORDED_CACHE_WAIT] = "twostage_cache_wait",
	[RECORDED_CACHE_COMPLETE] = "twostage_cache_complete",
};

static const char *text_of(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

static int64_t number_of(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_int))
		return 0;
	return json_object_get_int64(value);
}

static void copy_text(char *to, size_t size, struct json_object *object,
		      const char *name)
{
	snprintf(to, size, "%s", text_of(object, name));
}

static int parse_head(struct recording *recording, struct json_object *head)
{
	if (strcmp(text_of(head, "format"), FORMAT))
		return -EPROTO;
	if (number_of(head, "version") != VERSION)
		return -EPROTONOSUPPORT;
	copy_text(recording->kernel, sizeof(recording->kernel), head, "kernel");
	copy_text(recording->module, sizeof(recording->module), head, "module");
	copy_text(recording->recorded, sizeof(recording->recorded), head,
		  "recorded");
	recording->begin = number_of(head, "time");
	return 0;
}

static int find_filesystem(struct recording *recording, const char *uuid,
			   unsigned int *number)
{
	void *longer;
	unsigned int i;

	for (i = 0; i < recording->nr_filesystems; i++)
		if (!strcmp(recording->filesystems[i], uuid))
			break;
	*number = i;
	if (i < recording->nr_filesystems)
		return 0;
	longer = reallocarray(recording->filesystems, i + 1,
			      sizeof(*recording->filesystems));
	if (!longer)
		return -ENOMEM;
	recording->filesystems = longer;
	snprintf(recording->filesystems[i], RECORDED_UUID_SIZE, "%s", uuid);
	recording->nr_filesystems++;
	return 0;
}

/**
 * list_add - make room for one more at the end of a list
 * @list: the list, NULL for none yet; it has room for a power of two
 * @count: how many are on it
 * @size: of one
 *
 * Return: the new one, all zero, or NULL, and then the list is as it was.
 */
void *list_add(void **list, size_t *count, size_t size)
{
	void *longer;

	if (!(*count & (*count - 1))) {
		longer = reallocarray(*list, *count ? *count * 2 : 1, size);
		if (!longer)
			return NULL;
		*list = longer;
	}
	return memset((char *)*list + size * (*count)++, 0, size);
}

static int parse_event(struct recording *recording, struct json_object *object,
		       size_t line)
{
	const char *name = text_of(object, "event");
	struct recorded *event;
	unsigned int kind;

	if (!strcmp(name, "end")) {
		recording->complete = true;
		recording->lost = number_of(object, "lost");
		return 0;
	}
	for (kind = 0; kind < NR_RECORDED_KINDS; kind++)
		if (!strcmp(name, kind_names[kind]))
			break;
	if (kind == NR_RECORDED_KINDS)
		return *name ? 0 : -EPROTO;
	event = list_add((void **)&recording->events, &recording->nr_events,
			 sizeof(*event));
	if (!event)
		return -ENOMEM;
	*event = (struct recorded){
		.time = number_of(object, "time"), .kind = kind, .line = line,
	};
#define PARSE_NUMBER(name) event->name = number_of(object, #name);
	RECORDED_NUMBERS(PARSE_NUMBER)
#undef PARSE_NUMBER
	copy_text(event->policy, sizeof(event->policy), object, "policy");
	copy_text(event->pass, sizeof(event->pass), object, "pass");
	copy_text(event->reason, sizeof(event->reason), object, "reason");
	return find_filesystem(recording, text_of(object, "fsid"),
			       &event->filesystem);
}

static int parse_line(struct recording *recording, const char *text, size_t line)
{
	struct json_object *object = json_tokener_parse(text);
	int ret = -EPROTO;

	if (json_object_is_type(object, json_type_object))
		ret = line == 1 ? parse_head(recording, object) :
				  parse_event(recording, object, line);
	json_object_put(object);
	return ret;
}

static int parse_lines(struct recording *recording, FILE *file, size_t *line)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	int ret = 0;

	while (!ret && (length = getline(&text, &size, file)) > 0) {
		/* Cut off while it was written. */
		if (text[length - 1] != '\n' && *line)
			break;
		ret = parse_line(recording, text, ++*line);
	}
	if (!ret && ferror(file))
		ret = -EIO;
	if (!ret && !*line)
		ret = -EPROTO;
	free(text);
	return ret;
}

static int compare_events(const void *one, const void *other)
{
	const struct recorded *a = one, *b = other;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

static void explain(const char *path, size_t line, int error)
{
	if (error == -EPROTONOSUPPORT)
		complain("report: %s: made by a later twostage record: use the tools of its version",
			 path);
	else if (error == -EPROTO && line <= 1)
		complain("report: %s: not a recording of twostage record", path);
	else if (error == -EPROTO)
		complain("report: %s: line %zu is damaged: remove it to go on without it",
			 path, line);
	else
		complain("report: %s: %s", path, strerror(-error));
}

/**
 * recording_read - read a recording
 * @path: the file
 * @recording: where it goes; to be freed by recording_free(), in any case
 *
 * Return: 0 or a negative errno, which was said.
 */
int recording_read(const char *path, struct recording *recording)
{
	const char *slash = strrchr(path, '/');
	size_t line = 0;
	FILE *file;
	int ret;

	*recording = (struct recording){ .complete = false };
	recording->name = strdup(slash ? slash + 1 : path);
	file = fopen(path, "re");
	if (!recording->name)
		ret = -ENOMEM;
	else if (!file)
		ret = -errno;
	else
		ret = parse_lines(recording, file, &line);
	if (file)
		fclose(file);
	if (ret)
		explain(path, line, ret);
	else if (recording->nr_events)
		qsort(recording->events, recording->nr_events,
		      sizeof(*recording->events), compare_events);
	return ret;
}

/**
 * recording_free - free what recording_read() has made
 * @recording: the recording
 */
void recording_free(struct recording *recording)
{
	free(recording->name);
	free(recording->filesystems);
	free(recording->events);
}
