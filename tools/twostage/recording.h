/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recordings of twostage record, as twostage report shows them; and what both
 * need to make JSON with json-c.
 */
#ifndef TWOSTAGE_RECORDING_H
#define TWOSTAGE_RECORDING_H

#include <json-c/json.h>

#define RECORDING_FORMAT	"btrfs_twostage recording"
#define RECORDING_VERSION	1

int recording_read(const char *path, struct json_object **report);

struct json_object *json_made(struct json_object *value);
void json_set(struct json_object *object, const char *name, struct json_object *value);
const char *json_text(struct json_object *object);

#endif
