/* SPDX-License-Identifier: GPL-2.0 */
/*
 * json-c without its errors: it fails only if there is no memory, and then the
 * program exits.
 */
#ifndef TWOSTAGE_JSON_H
#define TWOSTAGE_JSON_H

#include <json-c/json.h>
#include <stdint.h>

#include "errors.h"

#define JSON_LINE	(JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
#define JSON_PRETTY	(JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | \
			 JSON_C_TO_STRING_NOSLASHESCAPE)

struct json_object *json_made(struct json_object *value);

void json_set(struct json_object *object, const char *name, struct json_object *value);
void json_set_text(struct json_object *object, const char *name, const char *text);
void json_set_number(struct json_object *object, const char *name, uint64_t number);
void json_set_int(struct json_object *object, const char *name, int64_t number);
void json_append(struct json_object *array, struct json_object *value);

const char *json_get_text(struct json_object *object, const char *name);
uint64_t json_get_number(struct json_object *object, const char *name);
int64_t json_get_int(struct json_object *object, const char *name);
const char *json_print(struct json_object *object, int flags);

#endif
