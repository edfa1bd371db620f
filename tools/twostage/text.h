/* SPDX-License-Identifier: GPL-2.0 */
/* Text that may hold any byte, as names of files do. */
#ifndef TWOSTAGE_TEXT_H
#define TWOSTAGE_TEXT_H

#include <stdio.h>

char *text_as_utf8(const char *bytes);
void text_print(FILE *out, const char *bytes);

#endif
