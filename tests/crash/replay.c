// SPDX-License-Identifier: GPL-2.0
/*
 * replay - show a command every state that a power cut may have left on a device
 *
 * Writes a log of dm-log-writes onto another device, entry by entry, and runs a
 * command after each entry with a flush or FUA. What dm-log-writes logs before such
 * an entry had completed before it; the rest had not. The kernel describes the log's
 * format in Documentation/admin-guide/device-mapper/log-writes.rst.
 *
 * The marks that `dmsetup message DEVICE 0 mark TEXT` put into the log are appended to
 * a file, a line each, as they are passed.
 *
 * Exit status: 0; 1 if the command failed, which ends the replay; 2 for bad usage, or
 * when the log or a device cannot be used.
 */
#include <argp.h>
#include <endian.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

#define LOG_MAGIC UINT64_C(0x6a736677736872)
#define LOG_VERSION 1
#define MAX_SECTOR 65536
#define MAX_MARK 256
#define COPY_SIZE (1 << 20)

enum {
	LOG_FLUSH = 1 << 0,
	LOG_FUA = 1 << 1,
	LOG_DISCARD = 1 << 2,
	LOG_MARK = 1 << 3,
};

/* All numbers on the device are little-endian. */
struct log_super {
	uint64_t magic;
	uint64_t version;
	uint64_t nr_entries;
	uint32_t sector_size;
};

struct log_entry {
	uint64_t sector;
	uint64_t nr_sectors;
	uint64_t flags;
	uint64_t data_length;
};

struct replay {
	const char *log_name;
	const char *target_name;
	const char *marks_name;
	const char *from_mark;
	uint64_t every;
	uint64_t offset;
	char **command;

	int log;
	int target;
	FILE *marks;
	uint64_t nr_entries;
	uint32_t sector_size;
	bool begun;
	uint64_t points;
	uint64_t checked;
};

static void read_log(const struct replay *replay, void *buffer, size_t size,
		     uint64_t position)
{
	ssize_t got = pread(replay->log, buffer, size, position);

	if (got < 0)
		err(EXIT_USAGE, "%s at %" PRIu64, replay->log_name, position);
	if ((size_t)got != size)
		errx(EXIT_USAGE, "%s is cut off at %" PRIu64, replay->log_name,
		     position);
}

static void open_all(struct replay *replay)
{
	struct log_super super;

	replay->log = open_file(replay->log_name, O_RDONLY);
	replay->target = open_file(replay->target_name, O_WRONLY);
	replay->marks = fopen(replay->marks_name, "we");
	if (!replay->marks)
		err(EXIT_USAGE, "%s", replay->marks_name);

	read_log(replay, &super, sizeof(super), 0);
	replay->nr_entries = le64toh(super.nr_entries);
	replay->sector_size = le32toh(super.sector_size);
	if (le64toh(super.magic) != LOG_MAGIC ||
	    le64toh(super.version) != LOG_VERSION ||
	    replay->sector_size < sizeof(struct log_entry) + MAX_MARK ||
	    replay->sector_size > MAX_SECTOR)
		errx(EXIT_USAGE, "%s is not a log of dm-log-writes of version 1",
		     replay->log_name);
}

static void copy(const struct replay *replay, uint64_t from, uint64_t to,
		 uint64_t size)
{
	static char buffer[COPY_SIZE];

	while (size) {
		size_t part = size < sizeof(buffer) ? size : sizeof(buffer);

		read_log(replay, buffer, part, from);
		if (pwrite(replay->target, buffer, part, to) != (ssize_t)part)
			err(EXIT_USAGE, "%s at %" PRIu64, replay->target_name, to);
		from += part;
		to += part;
		size -= part;
	}
}

/* A device that cannot discard keeps what it had, which a discard allows. */
static void discard(const struct replay *replay, uint64_t from, uint64_t size)
{
	if (fallocate(replay->target, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      from, size) && errno != EOPNOTSUPP)
		err(EXIT_USAGE, "%s: cannot discard at %" PRIu64,
		    replay->target_name, from);
}

static void pass_mark(struct replay *replay, uint64_t position, uint64_t length)
{
	char text[MAX_MARK + 1];

	if (length > MAX_MARK)
		errx(EXIT_USAGE, "%s at %" PRIu64 ": a mark of more than %d bytes",
		     replay->log_name, position, MAX_MARK);
	read_log(replay, text, length, position);
	text[length] = '\0';
	if (strcmp(text, replay->from_mark) == 0)
		replay->begun = true;
	if (fprintf(replay->marks, "%s\n", text) < 0 || fflush(replay->marks))
		err(EXIT_USAGE, "%s", replay->marks_name);
}

static void run_command(const struct replay *replay, uint64_t entry)
{
	char text[32];
	int status;
	pid_t child;

	if (fsync(replay->target))
		err(EXIT_USAGE, "%s", replay->target_name);
	snprintf(text, sizeof(text), "%" PRIu64, entry);
	child = fork();
	if (child < 0)
		err(EXIT_USAGE, "fork");
	if (!child) {
		setenv("REPLAY_ENTRY", text, 1);
		execvp(replay->command[0], replay->command);
		err(127, "%s", replay->command[0]);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			err(EXIT_USAGE, "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		errx(EXIT_FAILURE,
		     "%s failed after entry %s, point %" PRIu64 " of the log",
		     replay->command[0], text, replay->points);
}

/* A moment at which the power may have failed. */
static void pass_point(struct replay *replay, uint64_t entry)
{
	if (!replay->begun || replay->points++ % replay->every != replay->offset)
		return;
	replay->checked++;
	run_command(replay, entry);
}

static void replay_all(struct replay *replay)
{
	uint64_t position = replay->sector_size;
	struct log_entry entry;
	uint64_t i;

	for (i = 0; i < replay->nr_entries; i++) {
		uint64_t flags, to, size;

		read_log(replay, &entry, sizeof(entry), position);
		flags = le64toh(entry.flags);
		to = le64toh(entry.sector) * replay->sector_size;
		size = le64toh(entry.nr_sectors) * replay->sector_size;
		if (flags & LOG_MARK)
			pass_mark(replay, position + sizeof(entry),
				  le64toh(entry.data_length));
		position += replay->sector_size;
		if (flags & LOG_DISCARD) {
			discard(replay, to, size);
		} else {
			copy(replay, position, to, size);
			position += size;
		}
		if (flags & (LOG_FLUSH | LOG_FUA))
			pass_point(replay, i);
	}
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct replay *replay = state->input;

	switch (key) {
	case 'l':
		replay->log_name = argument;
		return 0;
	case 't':
		replay->target_name = argument;
		return 0;
	case 'm':
		replay->marks_name = argument;
		return 0;
	case 'f':
		replay->from_mark = argument;
		return 0;
	case 'e':
		replay->every = number(argument, UINT64_MAX);
		return 0;
	case 'o':
		replay->offset = number(argument, UINT64_MAX);
		return 0;
	case ARGP_KEY_ARGS:
		replay->command = &state->argv[state->next];
		return 0;
	case ARGP_KEY_END:
		if (!replay->log_name || !replay->target_name || !replay->marks_name ||
		    !replay->from_mark || !replay->every || !replay->command)
			argp_error(state, "--log, --target, --marks, --from-mark, --every and a command are needed");
		if (replay->offset >= replay->every)
			argp_error(state, "--every must be larger than --offset");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "log", 'l', "DEVICE", 0, "the log of dm-log-writes", 0 },
		{ "target", 't', "DEVICE", 0, "what to write it to, empty at first", 0 },
		{ "marks", 'm', "FILE", 0, "where to note the marks as they are passed", 0 },
		{ "from-mark", 'f', "TEXT", 0, "run nothing before this mark", 0 },
		{ "every", 'e', "N", 0, "run the command at each Nth flush", 0 },
		{ "offset", 'o', "N", 0, "leave out the first N of these", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "COMMAND...",
		.doc = "Runs a command for each state that a power cut may have left.",
	};
	struct replay replay = { 0 };

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &replay);
	open_all(&replay);
	replay_all(&replay);
	if (!replay.checked)
		errx(EXIT_USAGE, "%s has no flush to look at", replay.log_name);
	printf("%" PRIu64 " entries, %" PRIu64 " flushes, %" PRIu64 " looked at\n",
	       replay.nr_entries, replay.points, replay.checked);
	return 0;
}
