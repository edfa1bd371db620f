/* SPDX-License-Identifier: GPL-2.0 */
/* What keeps a filesystem from writing caches, or hides what that costs. */
#ifndef TWOSTAGE_ADVICE_H
#define TWOSTAGE_ADVICE_H

#include "json.h"
#include "mounts.h"

struct json_object *advice_list(struct system *system, const struct mounted *mounted);
void advice_print(struct system *system, const struct mounted *mounted);

#endif
