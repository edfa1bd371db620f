/* SPDX-License-Identifier: GPL-2.0 */
/* Events as lines of a recording. */
#ifndef TWOSTAGE_EVENTS_H
#define TWOSTAGE_EVENTS_H

#include <stddef.h>
#include <stdio.h>

#include "record.h"

int event_print(FILE *out, const struct event_head *head, size_t size);

#endif
