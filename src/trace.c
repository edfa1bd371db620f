// SPDX-License-Identifier: GPL-2.0
/*
 * Defines the trace events of twostage_trace.h.
 */
#include "ctree.h"
#include "block-group.h"
#include "volumes.h"

#include "commit.h"
#include "counters.h"
#include "pass.h"

#define CREATE_TRACE_POINTS
#include "twostage_trace.h"
