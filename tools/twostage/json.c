// SPDX-License-Identifier: GPL-2.0
/*
 * What the commands need of json-c; see json.h.
 */
#include <stdlib.h>

#include "json.h"
#include "text.h"

/* For what json-c has made: exits if that is NULL. */
struct json_object *json_made(struct json_object *value)
{
	expect_memory(value);
	return value;
}

/* @object owns the value from now on; NULL is JSON's null. */
void json_set(struct json_object *object, const char *name, struct json_object *value)
{
	expect_memory(!json_object_object_add(object, name, value));
}

/* @text may hold any byte. */
void json_set_text(struct json_object *object, const char *name, const char *text)
{
	char *valid = text_as_utf8(text);

	json_set(object, name, json_made(json_object_new_string(valid)));
	free(valid);
}

void json_set_number(struct json_object *object, const char *name, uint64_t number)
{
	json_set(object, name, json_made(json_object_new_uint64(number)));
}

void json_set_int(struct json_object *object, const char *name, int64_t number)
{
	json_set(object, name, json_made(json_object_new_int64(number)));
}

/* @array owns the value from now on. */
void json_append(struct json_object *array, struct json_object *value)
{
	expect_memory(!json_object_array_add(array, value));
}

/* A member as text, empty if it is not there. */
const char *json_get_text(struct json_object *object, const char *name)
{
	const char *text = json_object_get_string(json_object_object_get(object, name));

	return text ? text : "";
}

/* A member as a number, 0 if it is not there. */
uint64_t json_get_number(struct json_object *object, const char *name)
{
	return json_object_get_uint64(json_object_object_get(object, name));
}

/* The same for one that may be negative; also 0 if it is none, or not whole. */
int64_t json_get_int(struct json_object *object, const char *name)
{
	struct json_object *value = json_object_object_get(object, name);

	return json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : 0;
}

/* The object as text, which belongs to it. */
const char *json_print(struct json_object *object, int flags)
{
	const char *text = json_object_to_json_string_ext(object, flags);

	expect_memory(text);
	return text;
}
