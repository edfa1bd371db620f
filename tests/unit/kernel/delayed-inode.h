/* SPDX-License-Identifier: GPL-2.0 */
/* Stands in for the btrfs header of this name; see mock.h. */
#include "mock.h"
