/* SPDX-License-Identifier: GPL-2.0 */
/* Recordings of twostage record, as twostage report shows them. */
#ifndef TWOSTAGE_RECORDING_H
#define TWOSTAGE_RECORDING_H

#include "json.h"

#define RECORDING_FORMAT	"btrfs_twostage recording"
#define RECORDING_VERSION	1

int recording_read(const char *path, struct json_object **report);

#endif
