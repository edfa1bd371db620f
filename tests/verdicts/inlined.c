// SPDX-License-Identifier: GPL-2.0
/* The tree checker with src/inline-accessors.h. */
#include "../inline-accessors.h"

#define VERDICT(name) twostage_verdict_inlined_##name
#include "checker.h"
