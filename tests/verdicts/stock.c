// SPDX-License-Identifier: GPL-2.0
/* The tree checker as it is in stock btrfs. */
#define VERDICT(name) twostage_verdict_stock_##name
#include "checker.h"
