// SPDX-License-Identifier: GPL-2.0
/*
 * `workload bystander`: how long it takes to save a small file while COMMAND runs.
 *
 * A round writes a file of one page, syncs it and renames it over the one before,
 * as programs do that save something. Rounds that began before COMMAND ended
 * count, with all the time they took.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

#define FOLDER	"bystander"
#define FRESH	"fresh"
#define CURRENT	"current"
/* What a shell makes of a command that a signal ended. */
#define STATUS_SIGNAL	128

extern char **environ;

struct bystander {
	const struct workload_options *options;
	const struct workload_filesystem *filesystem;
	struct workload_latencies latencies;
	int folder;		/* ours, open */
	int status;		/* of COMMAND, as a shell gives it */
};

/* Return: 0, -ENOMEM, or -EOVERFLOW if there are too many already. */
int workload_latencies_add(struct workload_latencies *latencies, uint64_t ns)
{
	int ret;

	if (latencies->count >= WORKLOAD_LATENCIES_MAX)
		return -EOVERFLOW;
	ret = workload_make_room(&latencies->ns, latencies->count,
				 &latencies->space, sizeof(*latencies->ns));
	if (!ret)
		latencies->ns[latencies->count++] = ns;
	return ret;
}

/*
 * The percentile by the nearest rank: the least latency that so many in a hundred
 * do not exceed, 0 of none. Puts them in order.
 */
uint64_t workload_latencies_percentile(struct workload_latencies *latencies,
				       unsigned int percent)
{
	size_t count = latencies->count;

	if (!count)
		return 0;
	qsort(latencies->ns, count, sizeof(*latencies->ns), workload_compare);
	return latencies->ns[(count * percent + 99) / 100 - 1];
}

static int complain_folder(const struct bystander *bystander, int ret)
{
	return workload_complain(ret, "%s/" FOLDER ": %m: %s",
				 bystander->options->path,
				 ret == -EEXIST ?
					 "remove it, unless another bystander runs" :
					 "cannot work in it, see dmesg");
}

static int make_folder(struct bystander *bystander)
{
	int mount = bystander->filesystem->mount;

	if (mkdirat(mount, FOLDER, 0700))
		return complain_folder(bystander, -errno);
	bystander->folder = openat(mount, FOLDER, O_RDONLY | O_DIRECTORY |
				   O_NOFOLLOW | O_CLOEXEC);
	if (bystander->folder < 0)
		return complain_folder(bystander, -errno);
	return 0;
}

static int remove_folder(struct bystander *bystander)
{
	static const char *const names[] = { FRESH, CURRENT };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (unlinkat(bystander->folder, names[i], 0) && errno != ENOENT)
			return complain_folder(bystander, -errno);
	if (unlinkat(bystander->filesystem->mount, FOLDER, AT_REMOVEDIR))
		return complain_folder(bystander, -errno);
	return 0;
}

static int write_fresh(const struct bystander *bystander)
{
	static const char page[4096];
	ssize_t length;
	int ret = 0;
	int fd;

	fd = openat(bystander->folder, FRESH,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	length = write(fd, page, sizeof(page));
	if (length < 0 || fsync(fd))
		ret = -errno;
	else if (length < (ssize_t)sizeof(page))
		ret = -ENOSPC;
	close(fd);
	return ret;
}

static int take_round(const struct bystander *bystander, uint64_t *elapsed)
{
	uint64_t begin = workload_nanoseconds();
	int ret = write_fresh(bystander);

	if (!ret && renameat(bystander->folder, FRESH, bystander->folder,
			     CURRENT))
		ret = -errno;
	*elapsed = workload_nanoseconds() - begin;
	return ret ? complain_folder(bystander, ret) : 0;
}

/* Its output must not mix with ours. */
static int start_command(const struct bystander *bystander, pid_t *child)
{
	char **arguments = bystander->options->arguments;
	posix_spawn_file_actions_t actions;
	int error;

	posix_spawn_file_actions_init(&actions);
	error = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO,
						 STDOUT_FILENO);
	if (!error)
		error = posix_spawnp(child, arguments[0], &actions, NULL,
				     arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (!error)
		return 0;
	return workload_complain(-error, "%s: %m: cannot run it, give another COMMAND",
				 arguments[0]);
}

/* Return: 1 if it has ended, 0 if it has not, or an error. */
static int reap(struct bystander *bystander, pid_t child, int flags)
{
	pid_t ended;
	int status;

	do {
		ended = waitpid(child, &status, flags);
	} while (ended < 0 && errno == EINTR);
	if (!ended)
		return 0;
	if (ended < 0)
		return workload_complain(-errno, "%s: %m: cannot see it end: SIGCHLD must not be ignored",
					 bystander->options->arguments[0]);
	bystander->status = WIFSIGNALED(status) ?
				    STATUS_SIGNAL + WTERMSIG(status) :
				    WEXITSTATUS(status);
	return 1;
}

static int note(struct bystander *bystander, uint64_t elapsed)
{
	int ret = workload_latencies_add(&bystander->latencies, elapsed);

	if (!ret)
		return 0;
	return workload_complain(ret, "%m: after %zu rounds: give a shorter COMMAND",
				 bystander->latencies.count);
}

static int stand_by(struct bystander *bystander)
{
	uint64_t elapsed;
	pid_t child;
	int ended = 0;
	int ret;

	/* The first round allocates what the later ones find. */
	ret = take_round(bystander, &elapsed);
	if (ret)
		return ret;
	ret = start_command(bystander, &child);
	if (ret)
		return ret;
	while (!ret) {
		ended = reap(bystander, child, WNOHANG);
		if (ended)
			break;
		ret = take_round(bystander, &elapsed);
		if (!ret)
			ret = note(bystander, elapsed);
	}
	/* Nobody else waits for it. */
	if (!ended)
		ended = reap(bystander, child, 0);
	if (!ret && ended < 0)
		ret = ended;
	return ret;
}

static struct json_object *report(struct bystander *bystander)
{
	struct workload_latencies *latencies = &bystander->latencies;
	struct json_object *object = json_object_new_object();
	struct json_object *list = json_object_new_array();
	size_t i;

	workload_json_add_number(object, "operations", latencies->count);
	/* As they were measured, before percentiles put them in order. */
	for (i = 0; i < latencies->count; i++)
		workload_json_add_number(list, NULL, latencies->ns[i]);
	workload_json_add_number(object, "p99_ns",
				 workload_latencies_percentile(latencies, 99));
	workload_json_add_number(object, "max_ns",
				 workload_latencies_percentile(latencies, 100));
	workload_json_add(object, "latencies_ns", list);
	workload_json_add_number(object, "status", bystander->status);
	return object;
}

/* Return: 0, a negative errno, or the status of COMMAND if that failed. */
int workload_run_bystander(struct workload_filesystem *filesystem,
			   const struct workload_options *options)
{
	struct bystander bystander = { .options = options, .filesystem = filesystem };
	int removed;
	int ret;

	ret = workload_filesystem_check_writable(filesystem);
	if (!ret)
		ret = make_folder(&bystander);
	if (ret)
		return ret;
	ret = stand_by(&bystander);
	removed = remove_folder(&bystander);
	if (!ret)
		ret = removed;
	if (!ret)
		ret = workload_json_print(report(&bystander));
	free(bystander.latencies.ns);
	return ret ? ret : bystander.status;
}
