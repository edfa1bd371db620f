// SPDX-License-Identifier: GPL-2.0
/*
 * One line of JSON at a time; see workload-json.h.
 *
 * Numbers are written whole, as 64 bits: an address does not fit a double.
 */
#include <errno.h>
#include <inttypes.h>

#include "workload-json.h"

static void quote(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char byte = *text;

		if (byte == '"' || byte == '\\')
			fprintf(out, "\\%c", byte);
		else if (byte < 0x20)
			fprintf(out, "\\u%04x", byte);
		else
			fputc(byte, out);
	}
	fputc('"', out);
}

static void lead(struct workload_json *json, const char *name)
{
	if (json->comma)
		fputs(", ", json->out);
	json->comma = true;
	if (!name)
		return;
	quote(json->out, name);
	fputs(": ", json->out);
}

/**
 * workload_json_open - begin an object or an array
 * @json: where
 * @name: its name in the object around it, NULL in an array and at the top
 * @bracket: '{' or '['
 */
void workload_json_open(struct workload_json *json, const char *name,
			char bracket)
{
	lead(json, name);
	fputc(bracket, json->out);
	json->comma = false;
}

/* Ends what workload_json_open() began; @bracket is '}' or ']'. */
void workload_json_close(struct workload_json *json, char bracket)
{
	fputc(bracket, json->out);
	json->comma = true;
}

void workload_json_number(struct workload_json *json, const char *name,
			  uint64_t number)
{
	lead(json, name);
	fprintf(json->out, "%" PRIu64, number);
}

void workload_json_string(struct workload_json *json, const char *name,
			  const char *text)
{
	lead(json, name);
	quote(json->out, text);
}

/* Return: 0, or -EIO if anything of it could not be written. */
int workload_json_end(struct workload_json *json)
{
	fputc('\n', json->out);
	json->comma = false;
	if (fflush(json->out) || ferror(json->out))
		return -EIO;
	return 0;
}
