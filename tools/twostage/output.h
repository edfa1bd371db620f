/* SPDX-License-Identifier: GPL-2.0 */
/* Files that are replaced whole, or not at all. */
#ifndef TWOSTAGE_OUTPUT_H
#define TWOSTAGE_OUTPUT_H

#include <stdio.h>

int output_print(const char *path, void (*print)(FILE *out, const void *what),
		 const void *what);

#endif
