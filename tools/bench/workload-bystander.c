// SPDX-License-Identifier: GPL-2.0
/*
 * `workload bystander`: how long a program with small files waits meanwhile.
 *
 * While COMMAND runs, files of a page are made, synced and renamed over the
 * one before, as programs do that save something. Each round is such a file.
 * Rounds that began before the end of COMMAND count, to their own end.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	struct workload_filesystem filesystem;
	struct workload_latencies latencies;
	int folder;		/* ours, open, or -1 */
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

static int compare_numbers(const void *first, const void *second)
{
	const uint64_t *a = first, *b = second;

	return (*a > *b) - (*a < *b);
}

/**
 * workload_latencies_sort - make percentiles easy to find
 * @latencies: the latencies, which stay in the order they have
 *
 * Return: a copy in ascending order, to be freed; NULL without memory.
 */
uint64_t *workload_latencies_sort(const struct workload_latencies *latencies)
{
	uint64_t *sorted = calloc(latencies->count + 1, sizeof(*sorted));

	if (sorted && latencies->count) {
		memcpy(sorted, latencies->ns, latencies->count * sizeof(*sorted));
		qsort(sorted, latencies->count, sizeof(*sorted), compare_numbers);
	}
	return sorted;
}

/*
 * The percentile by the nearest rank: the least number that so many in a
 * hundred do not exceed, 0 of none.
 */
uint64_t workload_percentile(const uint64_t *sorted, size_t count,
			     unsigned int percent)
{
	return count ? sorted[(count * percent + 99) / 100 - 1] : 0;
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
	int mount = bystander->filesystem.mount;

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
	close(bystander->folder);
	if (unlinkat(bystander->filesystem.mount, FOLDER, AT_REMOVEDIR))
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

	error = posix_spawn_file_actions_init(&actions);
	if (error)
		goto out;
	error = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO,
						 STDOUT_FILENO);
	if (!error)
		error = posix_spawnp(child, arguments[0], &actions, NULL,
				     arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
out:
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
		return workload_complain(-errno, "%s: %m: lost it, let nothing ignore SIGCHLD",
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
	/* Nobody else knows of it. */
	if (!ended)
		ended = reap(bystander, child, 0);
	if (!ret && ended < 0)
		ret = ended;
	return ret;
}

static int report(const struct bystander *bystander)
{
	const struct workload_latencies *latencies = &bystander->latencies;
	struct json_object *object, *list;
	uint64_t *sorted;
	size_t i;

	sorted = workload_latencies_sort(latencies);
	if (!sorted)
		return workload_complain(-ENOMEM,
					 "%m: cannot sort %zu latencies: give a shorter COMMAND",
					 latencies->count);
	object = json_object_new_object();
	list = json_object_new_array();
	workload_json_add_number(object, "operations", latencies->count);
	workload_json_add_number(object, "p99_ns",
				 workload_percentile(sorted, latencies->count, 99));
	workload_json_add_number(object, "max_ns",
				 workload_percentile(sorted, latencies->count, 100));
	workload_json_add(object, "latencies_ns", list);
	for (i = 0; i < latencies->count; i++)
		workload_json_add_number(list, NULL, latencies->ns[i]);
	workload_json_add_number(object, "status", bystander->status);
	free(sorted);
	return workload_json_print(object);
}

/*
 * Run a command, and measure small files meanwhile.
 *
 * Return: 0 or a negative errno, or the command's status if that failed.
 */
int workload_run_bystander(const struct workload_options *options)
{
	struct bystander bystander = { .options = options, .folder = -1 };
	int removed;
	int ret;

	ret = workload_filesystem_open(&bystander.filesystem, options->path);
	if (ret)
		return ret;
	ret = workload_filesystem_check_writable(&bystander.filesystem);
	if (ret)
		goto out;
	ret = make_folder(&bystander);
	if (ret)
		goto out;
	ret = stand_by(&bystander);
	removed = remove_folder(&bystander);
	if (!ret)
		ret = removed;
	if (!ret)
		ret = report(&bystander);
	if (!ret)
		ret = bystander.status;
out:
	free(bystander.latencies.ns);
	workload_filesystem_close(&bystander.filesystem);
	return ret;
}
