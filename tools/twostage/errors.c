// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that several commands have in common; see errors.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"

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
