/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a cache file may find no second extent; see fault.h. Included by pair.c.
 */
#include "fault.h"

#define btrfs_alloc_data_chunk_ondemand(...)				\
	TWOSTAGE_FAILING(setup_second, btrfs_alloc_data_chunk_ondemand(__VA_ARGS__))
