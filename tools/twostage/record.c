// SPDX-License-Identifier: GPL-2.0
/*
 * twostage record: what the module's trace events say, to a file; docs/formats.md
 * describes it.
 *
 * Programs in the kernel (record.bpf.c) hand the events over in a ring buffer.
 */
#include <errno.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "advice.h"
#include "commands.h"
#include "output.h"
#include "record.h"
#include "record_core.skel.h"
#include "record_fixed.skel.h"
#include "recording.h"
#include "text.h"

#define MODULE_BTF	"/sys/kernel/btf/btrfs_twostage"
#define MODULE_FOLDER	"/sys/module/btrfs_twostage"
#define TRACEFS		"/sys/kernel/tracing"
#define TRACEFS_OLD	"/sys/kernel/debug/tracing"
#define LOCKDOWN	"/sys/kernel/security/lockdown"
#define MOST_PROGRAMS	32
#define POLL_MS		100
#define PATIENCE_MS	1000	/* with a command that was told to end */
#define NS_PER_SECOND	1000000000ULL

struct recorder {
	const struct options *options;
	FILE *out;
	struct bpf_object *object;
	struct bpf_link *links[MOST_PROGRAMS];
	int links_count;
	struct ring_buffer *ring;
	pid_t child;
	int child_status;
	uint64_t events;
	uint64_t commits;
	uint64_t lost;
	int write_error;	/* errno of the first write that failed */
};

static volatile sig_atomic_t stopped;
static char last_warning[256];

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

/* The first warning of libbpf is enough for our message. */
static int keep_warning(enum libbpf_print_level level, const char *format,
			va_list arguments)
{
	if (level == LIBBPF_WARN && !last_warning[0]) {
		vsnprintf(last_warning, sizeof(last_warning), format, arguments);
		last_warning[strcspn(last_warning, "\n")] = 0;
	}
	return 0;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * NS_PER_SECOND + time.tv_nsec;
}

/* The kernel's macro: here it gives the name of a number. */
#define __print_symbolic(number, ...) \
	symbol_name(number, (const struct symbol[]){ __VA_ARGS__, { 0, NULL } })

struct symbol {
	u64 number;
	const char *name;
};

static const char *symbol_name(u64 number, const struct symbol *symbols)
{
	for (; symbols->name; symbols++)
		if (symbols->number == number)
			return symbols->name;
	return "unknown";
}

static void set_field(struct json_object *event, const char *name, u64 number, bool is_signed)
{
	if (!strcmp(name, "policy"))
		json_set_text(event, name, twostage_show_policy(number));
	else if (!strcmp(name, "pass"))
		json_set_text(event, name, twostage_show_pass(number));
	else if (!strcmp(name, "before"))
		json_set_text(event, name, twostage_show_before(number));
	else if (!strcmp(name, "reason"))
		json_set_text(event, name, twostage_show_reason(number));
	else if (is_signed)
		json_set_int(event, name, number);
	else
		json_set_number(event, name, number);
}

/* The only bytes in events are UUIDs. */
static void set_uuid(struct json_object *event, const char *name, const u8 *bytes)
{
	char text[37], *end = text;
	int i;

	for (i = 0; i < 16; i++)
		end += sprintf(end, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			       bytes[i]);
	json_set_text(event, name, text);
}

#define TWOSTAGE_RECORD(name, ...)					\
	static void set_##name(struct json_object *event,		\
			       const struct record_##name *record)	\
	{								\
		__VA_ARGS__						\
	}
#define TWOSTAGE_EVENT(name, record)
#define TWOSTAGE_FIELD(type, name) \
	set_field(event, #name, record->name, (type)(-1) < (type)1);
#define TWOSTAGE_BYTES(name, length) set_uuid(event, #name, record->name);
#include "trace_events.h"

static int set_event(struct json_object *event, const struct event_head *head, size_t size)
{
	if (size < sizeof(*head) || size - sizeof(*head) < head->size)
		return -EPROTO;
#define TWOSTAGE_RECORD(name, ...)
#define TWOSTAGE_EVENT(name, record)					\
	if (head->event == EVENT_##name &&				\
	    head->size == sizeof(struct record_##record)) {		\
		json_set_text(event, "event", #name);			\
		json_set_number(event, "time", head->time);		\
		set_##record(event, (const void *)(head + 1));		\
		return 0;						\
	}
#define TWOSTAGE_FIELD(type, name)
#define TWOSTAGE_BYTES(name, length)
#include "trace_events.h"
	return -EPROTO;
}

/* Frees the object. */
static void write_line(FILE *out, struct json_object *object)
{
	fprintf(out, "%s\n", json_print(object, JSON_LINE));
	json_object_put(object);
}

static int write_event(void *context, void *data, size_t size)
{
	struct json_object *event = json_made(json_object_new_object());
	struct recorder *recorder = context;
	const struct event_head *head = data;
	int ret;

	ret = set_event(event, head, size);
	recorder->events++;
	recorder->commits += head->event == EVENT_twostage_commit_end;
	if (ret)
		json_object_put(event);
	else
		write_line(recorder->out, event);
	if (ferror(recorder->out) && !recorder->write_error)
		recorder->write_error = errno;
	return ret;
}

static void write_head(struct recorder *recorder)
{
	struct json_object *head = json_made(json_object_new_object());
	char version[64], date[32];
	struct utsname kernel;
	time_t seconds = time(NULL);

	uname(&kernel);
	read_line(open(MODULE_FOLDER "/version", O_RDONLY | O_CLOEXEC), version, sizeof(version));
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
	json_set_text(head, "format", RECORDING_FORMAT);
	json_set_number(head, "version", RECORDING_VERSION);
	json_set_text(head, "kernel", kernel.release);
	json_set_text(head, "module", *version ? version : "unknown");
	json_set_text(head, "recorded", date);
	json_set_number(head, "time", now());
	write_line(recorder->out, head);
}

static void write_end(struct recorder *recorder)
{
	struct json_object *end = json_made(json_object_new_object());

	json_set_text(end, "event", "end");
	json_set_number(end, "time", now());
	json_set_number(end, "events", recorder->events);
	json_set_number(end, "lost", recorder->lost);
	write_line(recorder->out, end);
}

/* Then it is refused in many ways, few of which say why. */
static bool is_confidential(void)
{
	char modes[64];

	return !read_line(open(LOCKDOWN, O_RDONLY | O_CLOEXEC), modes, sizeof(modes)) &&
	       strstr(modes, "[confidentiality]");
}

static void complain_about_kernel(int error)
{
	if (is_confidential())
		complain("record: lockdown is confidentiality, which forbids to trace: see twostage watch");
	else if (error == -EPERM || error == -EACCES)
		complain("record: not permitted: run it as root");
	else if (access(TRACEFS "/events", F_OK) && access(TRACEFS_OLD "/events", F_OK))
		complain("record: there is no tracefs: mount -t tracefs tracefs " TRACEFS);
	else
		complain("record: %s: %s", strerror(-error),
			 last_warning[0] ? last_warning : "see twostage doctor");
}

static int load_programs(struct recorder *recorder)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "twostage");
	struct bpf_map *map;
	const void *bytes;
	size_t size;
	int ret;

	libbpf_set_print(keep_warning);
	if (!recorder->options->fixed && !access(MODULE_BTF, R_OK))
		bytes = record_core__elf_bytes(&size);
	else
		bytes = record_fixed__elf_bytes(&size);
	recorder->object = bpf_object__open_mem(bytes, size, &opts);
	if (!recorder->object)
		return -errno;
	map = bpf_object__find_map_by_name(recorder->object, "events");
	ret = bpf_map__set_max_entries(map, recorder->options->buffer);
	if (!ret)
		ret = bpf_object__load(recorder->object);
	if (ret)
		return ret;
	recorder->ring = ring_buffer__new(bpf_map__fd(map), write_event, recorder, NULL);
	return recorder->ring ? 0 : -errno;
}

static int attach_programs(struct recorder *recorder)
{
	struct bpf_program *program;
	struct bpf_link *link;

	bpf_object__for_each_program(program, recorder->object) {
		if (recorder->links_count == MOST_PROGRAMS)
			return -E2BIG;
		link = bpf_program__attach(program);
		if (!link)
			return -errno;
		recorder->links[recorder->links_count++] = link;
	}
	return 0;
}

static void detach_programs(struct recorder *recorder)
{
	while (recorder->links_count)
		bpf_link__destroy(recorder->links[--recorder->links_count]);
}

static int start_command(struct recorder *recorder)
{
	char *const *command = recorder->options->arguments;
	pid_t child;

	if (!command)
		return 0;
	child = fork();
	if (child < 0)
		return -errno;
	if (!child) {
		execvp(command[0], command);
		complain("record: %s: %s", command[0], strerror(errno));
		_exit(127);
	}
	recorder->child = child;
	return 0;
}

/* Looks with WNOHANG, waits with 0. */
static bool command_ended(struct recorder *recorder, int flags)
{
	if (!recorder->child || waitpid(recorder->child, &recorder->child_status, flags) <= 0)
		return false;
	recorder->child = 0;
	return true;
}

static int gather(struct recorder *recorder)
{
	uint64_t end = recorder->options->seconds ?
		now() + recorder->options->seconds * NS_PER_SECOND : UINT64_MAX;
	bool ended = false;
	int ret = 0;

	while (!stopped && !ended && now() < end && !ferror(recorder->out)) {
		ended = command_ended(recorder, WNOHANG);
		ret = ring_buffer__poll(recorder->ring, POLL_MS);
		if (ret < 0 && ret != -EINTR)
			return ret;
	}
	return 0;
}

/* A command that we end has no status of its own. It may refuse to end. */
static void end_command(struct recorder *recorder)
{
	const struct timespec pause = { 0, POLL_MS * 1000000L };
	int waited;

	if (!recorder->child || command_ended(recorder, WNOHANG))
		return;
	kill(recorder->child, SIGTERM);
	for (waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
		if (command_ended(recorder, WNOHANG))
			break;
		nanosleep(&pause, NULL);
	}
	if (recorder->child)
		complain("record: %s did not end at SIGTERM, and goes on as process %d",
			 recorder->options->arguments[0], recorder->child);
	recorder->child_status = 0;
}

static int record_events(struct recorder *recorder)
{
	u32 key = 0;
	int ret;

	ret = start_command(recorder);
	if (!ret)
		ret = gather(recorder);
	end_command(recorder);
	detach_programs(recorder);
	if (!ret)
		ret = ring_buffer__consume(recorder->ring);
	if (ret >= 0)
		ret = bpf_map__lookup_elem(
			bpf_object__find_map_by_name(recorder->object, "lost"), &key,
			sizeof(key), &recorder->lost, sizeof(recorder->lost), 0);
	return ret;
}

/* Without a commit a recording shows nothing: say why that may be. */
static void say_why_no_commit(const struct recorder *recorder)
{
	struct mounts mounts;
	int i;

	if (mounts_read(recorder->options->system, &mounts))
		return;
	if (mounts.count)
		complain("record: no filesystem of btrfs_twostage committed: write to one meanwhile, and run sync");
	else
		complain("record: " NOTHING_IS_MOUNTED);
	for (i = 0; i < mounts.count; i++)
		advice_print(recorder->options->system, &mounts.list[i]);
	mounts_free(&mounts);
}

/* Not on standard output if that has the recording. */
static void say_what_was_recorded(const struct recorder *recorder)
{
	FILE *out = strcmp(recorder->options->output, "-") ? stdout : stderr;
	struct json_object *said;

	if (recorder->options->json) {
		said = json_made(json_object_new_object());
		json_set_text(said, "recording", recorder->options->output);
		json_set_number(said, "events", recorder->events);
		json_set_number(said, "commits", recorder->commits);
		json_set_number(said, "lost", recorder->lost);
		write_line(out, said);
	} else {
		text_print(out, recorder->options->output);
		fprintf(out, ": %ju commits, %ju events\n", (uintmax_t)recorder->commits,
			(uintmax_t)recorder->events);
	}
	if (recorder->lost)
		complain("record: %ju events were lost: choose a larger --buffer",
			 (uintmax_t)recorder->lost);
	if (!recorder->commits)
		say_why_no_commit(recorder);
}

static int open_output(struct recorder *recorder)
{
	const char *output = recorder->options->output;
	int ret = output_create(output, &recorder->out);

	if (ret == -EEXIST)
		complain("record: %s already exists: move it, or name another with --output",
			 output);
	else if (ret)
		complain("record: %s: %s", output, strerror(-ret));
	return ret;
}

static int close_output(struct recorder *recorder)
{
	if (ferror(recorder->out) && !recorder->write_error)
		recorder->write_error = EIO;
	if (fclose(recorder->out) && !recorder->write_error)
		recorder->write_error = errno;
	if (recorder->write_error)
		complain("record: %s: %s: it has what could be written",
			 recorder->options->output, strerror(recorder->write_error));
	return -recorder->write_error;
}

static int record_to_output(struct recorder *recorder)
{
	/* A write that a signal interrupts would be an error. */
	const struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };
	int ret, closed;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	write_head(recorder);
	if (!recorder->options->arguments && !recorder->options->json)
		fprintf(stderr, "twostage: recording to %s; end it with Ctrl-C\n",
			recorder->options->output);
	ret = record_events(recorder);
	if (ret)
		complain_about_kernel(ret);
	else
		write_end(recorder);
	closed = close_output(recorder);
	if (!ret && !closed)
		say_what_was_recorded(recorder);
	return ret ? ret : closed;
}

/**
 * record_run - record the module's trace events
 * @options: where to, and for how long
 *
 * Return: 0, the status of a command that failed (as in a shell, 128 and the number
 * of a signal that killed it), or a negative errno after a message. The recording stays
 * in any case.
 */
int record_run(const struct options *options)
{
	struct recorder recorder = { .options = options };
	int ret;

	if (access(MODULE_FOLDER, F_OK)) {
		complain("record: btrfs_twostage is not loaded: modprobe btrfs_twostage");
		return -ENOENT;
	}
	ret = load_programs(&recorder);
	if (!ret)
		ret = attach_programs(&recorder);
	if (ret)
		complain_about_kernel(ret);
	else
		ret = open_output(&recorder);
	if (!ret)
		ret = record_to_output(&recorder);
	if (!ret && recorder.child_status)
		ret = WIFEXITED(recorder.child_status) ?
			WEXITSTATUS(recorder.child_status) :
			128 + WTERMSIG(recorder.child_status);
	detach_programs(&recorder);
	ring_buffer__free(recorder.ring);
	bpf_object__close(recorder.object);
	return ret;
}
