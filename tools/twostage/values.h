/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module says of a mounted filesystem, as a JSON object: docs/formats.md has
 * it with "twostage status". Names come from the module's own tables,
 * include/twostage_counters.h.
 */
#ifndef TWOSTAGE_VALUES_H
#define TWOSTAGE_VALUES_H

#include "json.h"
#include "system.h"
#include "twostage_counters.h"

extern const char *const histogram_names[TWOSTAGE_NR_HISTOGRAMS];

int values_list(struct system *system, const char *only, struct json_object **list);

#endif
