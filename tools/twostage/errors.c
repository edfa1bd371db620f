// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that several commands have in common; see errors.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "text.h"

static void complain_with(const char *format, va_list arguments)
{
	char *text;

	expect_memory(vasprintf(&text, format, arguments) >= 0);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	text_print(stderr, text);
	fputc('\n', stderr);
	free(text);
}

/* The line, after the program's name. */
void complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complain_with(format, arguments);
	va_end(arguments);
}

/* Exits: for a command line that is wrong. */
void refuse(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complain_with(format, arguments);
	va_end(arguments);
	exit(EXIT_USAGE);
}

/* @error is -EPROTO for contents that make no sense. Return: @error. */
int complain_about_file(const char *path, int error)
{
	if (error == -EPROTO)
		complain("%s: twostage " TWOSTAGE_VERSION " cannot read this: install the tools of the module's version",
			 path);
	else
		complain("%s: %s", path, strerror(-error));
	return error;
}

/* Without memory there is nothing left to do. */
void expect_memory(bool there_is)
{
	if (!there_is)
		errx(EXIT_FAILURE, "%s", strerror(ENOMEM));
}
