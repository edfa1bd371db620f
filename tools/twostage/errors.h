/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the program says what went wrong: in one line on standard error that also
 * says what to do about it.
 */
#ifndef TWOSTAGE_ERRORS_H
#define TWOSTAGE_ERRORS_H

#include <err.h>
#include <stdbool.h>

#define EXIT_USAGE	2	/* the command line was wrong */

#define NOTHING_IS_MOUNTED \
	"nothing is mounted by btrfs_twostage: mount -t btrfs_twostage DEVICE DIRECTORY"

__attribute__((format(printf, 1, 2)))
void complain(const char *format, ...);
__attribute__((format(printf, 1, 2), noreturn))
void refuse(const char *format, ...);
int complain_about_file(const char *path, int error);
void expect_memory(bool there_is);

#endif
