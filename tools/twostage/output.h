/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where output goes: to standard output ("-"), into what is no regular file, such as a
 * pipe or a device, or to a file. Links are followed.
 */
#ifndef TWOSTAGE_OUTPUT_H
#define TWOSTAGE_OUTPUT_H

#include <stdio.h>

int output_print(const char *path, void (*print)(FILE *out, const void *what),
		 const void *what);
int output_create(const char *path, FILE **file);
void output_flush(void);

#endif
