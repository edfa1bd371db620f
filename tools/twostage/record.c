// SPDX-License-Identifier: GPL-2.0
/*
 * twostage record: what the module's trace events say, to a file.
 *
 * The file has a JSON object a line: first what was recorded where, then the
 * events (events.c), and last how many there were and how many were lost. A
 * recording without the last line was cut off, and what is there can be used.
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

#include "commands.h"
#include "events.h"
#include "json.h"
#include "record_core.skel.h"
#include "record_fixed.skel.h"

#define MODULE_BTF	"/sys/kernel/btf/btrfs_twostage"
#define MODULE_FOLDER	"/sys/module/btrfs_twostage"
#define MOST_PROGRAMS	32
#define POLL_MS		100
#define NS_PER_SECOND	1000000000ULL

struct recorder {
	const struct record_options *options;
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
};

static volatile sig_atomic_t stopped;
static char last_warning[256];

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

/* One line is enough for us: the first thing that libbpf warned of. */
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

static int write_event(void *context, void *data, size_t size)
{
	struct recorder *recorder = context;
	const struct event_head *head = data;

	recorder->events++;
	if (head->event == EVENT_twostage_commit_end)
		recorder->commits++;
	return event_print(recorder->out, head, size);
}

static void print_line(FILE *out, struct json_object *object)
{
	json_print_line(out, object);
	json_object_put(object);
}

static void read_module_version(char *version, size_t size)
{
	FILE *file = fopen(MODULE_FOLDER "/version", "re");

	snprintf(version, size, "unknown");
	if (!file)
		return;
	if (fgets(version, size, file))
		version[strcspn(version, "\n")] = 0;
	fclose(file);
}

static void write_head(struct recorder *recorder)
{
	struct json_object *head = json_object_new_object();
	char version[64], date[32];
	struct utsname kernel;
	time_t seconds = time(NULL);

	uname(&kernel);
	read_module_version(version, sizeof(version));
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
	json_add_text(head, "format", "btrfs_twostage recording");
	json_add_number(head, "version", 1);
	json_add_text(head, "kernel", kernel.release);
	json_add_text(head, "module", version);
	json_add_text(head, "recorded", date);
	json_add_number(head, "time", now());
	print_line(recorder->out, head);
}

static void write_end(struct recorder *recorder)
{
	struct json_object *end = json_object_new_object();

	json_add_text(end, "event", "end");
	json_add_number(end, "time", now());
	json_add_number(end, "events", recorder->events);
	json_add_number(end, "lost", recorder->lost);
	print_line(recorder->out, end);
}

static int refuse_without_module(void)
{
	if (!access(MODULE_FOLDER, F_OK))
		return 0;
	complain("record: btrfs_twostage is not loaded: modprobe btrfs_twostage");
	return -ENOENT;
}

static int complain_about_kernel(int error)
{
	if (error == -EPERM || error == -EACCES)
		complain("record: not permitted: run it as root");
	else
		complain("record: %s: %s", strerror(-error),
			 last_warning[0] ? last_warning : "see twostage doctor");
	return error;
}

static int open_programs(struct recorder *recorder)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "twostage");
	const void *bytes;
	size_t size;

	if (!recorder->options->fixed && !access(MODULE_BTF, R_OK))
		bytes = record_core__elf_bytes(&size);
	else
		bytes = record_fixed__elf_bytes(&size);
	recorder->object = bpf_object__open_mem(bytes, size, &opts);
	return recorder->object ? 0 : -errno;
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

static int set_up_programs(struct recorder *recorder)
{
	struct bpf_map *map;
	int ret;

	libbpf_set_print(keep_warning);
	ret = open_programs(recorder);
	if (ret)
		return ret;
	map = bpf_object__find_map_by_name(recorder->object, "events");
	ret = bpf_map__set_max_entries(map, recorder->options->buffer);
	if (!ret)
		ret = bpf_object__load(recorder->object);
	if (ret)
		return ret;
	recorder->ring = ring_buffer__new(bpf_map__fd(map), write_event,
					  recorder, NULL);
	if (!recorder->ring)
		return -errno;
	return attach_programs(recorder);
}

static void detach_programs(struct recorder *recorder)
{
	while (recorder->links_count)
		bpf_link__destroy(recorder->links[--recorder->links_count]);
}

static int read_lost(struct recorder *recorder)
{
	struct bpf_map *map;
	u32 key = 0;

	map = bpf_object__find_map_by_name(recorder->object, "lost");
	return bpf_map__lookup_elem(map, &key, sizeof(key), &recorder->lost,
				    sizeof(recorder->lost), 0);
}

static int start_command(struct recorder *recorder)
{
	char *const *command = recorder->options->command;

	if (!command)
		return 0;
	recorder->child = fork();
	if (recorder->child < 0)
		return -errno;
	if (!recorder->child) {
		execvp(command[0], command);
		complain("record: %s: %s", command[0], strerror(errno));
		_exit(127);
	}
	return 0;
}

static bool command_ended(struct recorder *recorder)
{
	if (!recorder->child)
		return false;
	if (waitpid(recorder->child, &recorder->child_status, WNOHANG) <= 0)
		return false;
	recorder->child = 0;
	return true;
}

static void end_command(struct recorder *recorder)
{
	if (!recorder->child)
		return;
	kill(recorder->child, SIGTERM);
	waitpid(recorder->child, &recorder->child_status, 0);
	recorder->child = 0;
}

static int gather(struct recorder *recorder)
{
	uint64_t end = recorder->options->seconds ?
		now() + recorder->options->seconds * NS_PER_SECOND : UINT64_MAX;
	bool ended = false;
	int ret = 0;

	while (!stopped && !ended && now() < end && !ferror(recorder->out)) {
		ended = command_ended(recorder);
		ret = ring_buffer__poll(recorder->ring, POLL_MS);
		if (ret < 0 && ret != -EINTR)
			return ret;
	}
	return 0;
}

static int record_events(struct recorder *recorder)
{
	int ret;

	ret = start_command(recorder);
	if (!ret)
		ret = gather(recorder);
	end_command(recorder);
	detach_programs(recorder);
	if (!ret)
		ret = ring_buffer__consume(recorder->ring);
	if (ret >= 0)
		ret = read_lost(recorder);
	return ret;
}

static void say_what_was_recorded(const struct recorder *recorder)
{
	struct json_object *said;

	if (recorder->options->json) {
		said = json_object_new_object();
		json_add_text(said, "recording", recorder->options->output);
		json_add_number(said, "events", recorder->events);
		json_add_number(said, "commits", recorder->commits);
		json_add_number(said, "lost", recorder->lost);
		print_line(stdout, said);
		return;
	}
	printf("%s: %ju commits, %ju events\n", recorder->options->output,
	       (uintmax_t)recorder->commits, (uintmax_t)recorder->events);
	if (recorder->lost)
		complain("record: %ju events were lost: choose a larger --buffer",
			 (uintmax_t)recorder->lost);
}

/* Never over a file that is there. */
static int open_output(struct recorder *recorder)
{
	const char *output = recorder->options->output;

	recorder->out = fopen(output, "wxe");
	if (recorder->out)
		return 0;
	if (errno == EEXIST)
		complain("record: %s is there already: move it, or name another by --output",
			 output);
	else
		complain("record: %s: %s", output, strerror(errno));
	return -errno;
}

static int close_output(struct recorder *recorder)
{
	bool failed = ferror(recorder->out);

	if (!fclose(recorder->out) && !failed)
		return 0;
	complain("record: %s: %s: what could be written is there",
		 recorder->options->output, strerror(errno ? errno : EIO));
	return -EIO;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = stop };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int record_to_output(struct recorder *recorder)
{
	int ret, closed;

	write_head(recorder);
	if (!recorder->options->command && !recorder->options->json)
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
 * Return: 0, the status of a command that failed, or a negative errno, which
 * was said. The recording stays in any case.
 */
int record_run(const struct record_options *options)
{
	struct recorder recorder = { .options = options };
	int ret;

	catch_signals();
	ret = refuse_without_module();
	if (ret)
		return ret;
	ret = set_up_programs(&recorder);
	if (ret) {
		complain_about_kernel(ret);
		goto out;
	}
	ret = open_output(&recorder);
	if (!ret)
		ret = record_to_output(&recorder);
	if (!ret && recorder.child_status)
		ret = WIFEXITED(recorder.child_status) ?
			WEXITSTATUS(recorder.child_status) : EXIT_FAILURE;
out:
	detach_programs(&recorder);
	ring_buffer__free(recorder.ring);
	bpf_object__close(recorder.object);
	return ret;
}
