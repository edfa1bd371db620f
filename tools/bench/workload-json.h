/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One line of JSON at a time, for the workload's standard output.
 *
 * The caller opens and closes objects and arrays in order; the commas are put
 * here. What cannot be written shows in workload_json_end().
 */
#ifndef WORKLOAD_JSON_H
#define WORKLOAD_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct workload_json {
	FILE *out;
	bool comma;	/* before what comes next */
};

void workload_json_open(struct workload_json *json, const char *name,
			char bracket);
void workload_json_close(struct workload_json *json, char bracket);
void workload_json_number(struct workload_json *json, const char *name,
			  uint64_t number);
void workload_json_string(struct workload_json *json, const char *name,
			  const char *text);
int workload_json_end(struct workload_json *json);

#endif /* WORKLOAD_JSON_H */
