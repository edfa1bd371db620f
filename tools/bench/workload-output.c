// SPDX-License-Identifier: GPL-2.0
/*
 * What the workload prints: results as lines of JSON on standard output, and
 * errors as lines of text on standard error.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "workload.h"

/*
 * Prints one line on standard error; %m in it is the text of @ret, a negative errno.
 *
 * Return: @ret.
 */
int workload_complain(int ret, const char *format, ...)
{
	va_list arguments;

	fputs("workload: ", stderr);
	va_start(arguments, format);
	errno = -ret;
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return ret;
}

/*
 * Adds @value to an object by its name, or to an array, where @name is NULL. Ends
 * the program when json-c had no memory for it or for @parent.
 */
void workload_json_add(struct json_object *parent, const char *name,
		       struct json_object *value)
{
	int ret = -1;

	if (parent && value)
		ret = name ? json_object_object_add(parent, name, value) :
			     json_object_array_add(parent, value);
	if (!ret)
		return;
	workload_complain(-ENOMEM, "standard output: %m");
	exit(EXIT_FAILURE);
}

void workload_json_add_number(struct json_object *parent, const char *name,
			      uint64_t number)
{
	workload_json_add(parent, name, json_object_new_uint64(number));
}

/* Print a value as one line, and free it. */
int workload_json_print(struct json_object *value)
{
	const char *text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
	int ret = 0;

	if (!text || puts(text) < 0 || fflush(stdout))
		ret = workload_complain(-EIO, "standard output: cannot write to it");
	json_object_put(value);
	return ret;
}

uint64_t workload_nanoseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}
