/* SPDX-License-Identifier: GPL-2.0 */
/* Declarations that moved out of ctree.h. */
#ifndef TWOSTAGE_COMPAT_HEADERS_H
#define TWOSTAGE_COMPAT_HEADERS_H

#include "ctree.h"

#include "twostage_compat.h"

#if !TWOSTAGE_HAS_CTREE_EXTENT
#include "extent-tree.h"
#endif
#if !TWOSTAGE_HAS_CTREE_SCRUB
#include "scrub.h"
#endif

#endif /* TWOSTAGE_COMPAT_HEADERS_H */
