// SPDX-License-Identifier: GPL-2.0
/*
 * Puts JSON together with json-c, and prints it; see json.h.
 *
 * All of it fails only for want of memory. Where a value is missing is then for
 * the caller to care about, or not.
 */
#include <errno.h>

#include "json.h"

/**
 * json_add - give an object a member
 * @object: the object
 * @name: the member's name
 * @value: its value, which belongs to @object then, and is freed on failure;
 *	   NULL for one that there was no memory for
 *
 * Return: 0 or -ENOMEM.
 */
int json_add(struct json_object *object, const char *name,
	     struct json_object *value)
{
	if (!value)
		return -ENOMEM;
	if (!json_object_object_add(object, name, value))
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

/**
 * json_add_text - give an object a text
 * @object: the object
 * @name: the member's name
 * @text: the text, or NULL for JSON's null
 *
 * Return: 0 or -ENOMEM.
 */
int json_add_text(struct json_object *object, const char *name,
		  const char *text)
{
	/* JSON's null is json-c's NULL. */
	if (!text)
		return json_object_object_add(object, name, NULL) ? -ENOMEM : 0;
	return json_add(object, name, json_object_new_string(text));
}

/**
 * json_add_number - give an object a number
 * @object: the object
 * @name: the member's name
 * @number: the number
 *
 * Return: 0 or -ENOMEM.
 */
int json_add_number(struct json_object *object, const char *name,
		    uint64_t number)
{
	return json_add(object, name, json_object_new_uint64(number));
}

static int print(FILE *out, struct json_object *object, int flags)
{
	const char *text = json_object_to_json_string_ext(object, flags);

	if (!text)
		return -ENOMEM;
	fprintf(out, "%s\n", text);
	return 0;
}

/**
 * json_print_line - print an object as one line
 * @out: where to; whether it could be written is for the caller to ask
 * @object: the object
 *
 * Return: 0 or -ENOMEM.
 */
int json_print_line(FILE *out, struct json_object *object)
{
	return print(out, object, JSON_C_TO_STRING_PLAIN);
}

/**
 * json_print_pretty - print an object, a line for each of its values
 * @out: where to; whether it could be written is for the caller to ask
 * @object: the object
 *
 * Return: 0 or -ENOMEM.
 */
int json_print_pretty(FILE *out, struct json_object *object)
{
	return print(out, object, JSON_C_TO_STRING_PRETTY |
				  JSON_C_TO_STRING_SPACED |
				  JSON_C_TO_STRING_NOSLASHESCAPE);
}
