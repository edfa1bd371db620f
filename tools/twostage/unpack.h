/* SPDX-License-Identifier: GPL-2.0 */
/* Unpacks a file that has been read; nothing in it is trusted. */
#ifndef TWOSTAGE_UNPACK_H
#define TWOSTAGE_UNPACK_H

#include "system.h"

int unpack_xz(struct system_file *file);

#endif
