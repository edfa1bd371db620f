/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands in for the kernel header of this name. The C library's <errno.h>
 * comes here too, so this must not include it.
 */
#include <asm/errno.h>
