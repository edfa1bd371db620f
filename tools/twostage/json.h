/* SPDX-License-Identifier: GPL-2.0 */
/* JSON that is put together with json-c, and printed. */
#ifndef TWOSTAGE_JSON_H
#define TWOSTAGE_JSON_H

#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>

int json_add(struct json_object *object, const char *name,
	     struct json_object *value);
int json_add_text(struct json_object *object, const char *name,
		  const char *text);
int json_add_number(struct json_object *object, const char *name,
		    uint64_t number);

int json_print_line(FILE *out, struct json_object *object);
int json_print_pretty(FILE *out, struct json_object *object);

#endif
