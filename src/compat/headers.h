/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Declarations that were all in ctree.h once, wherever they are now
 * (a0231804affe, 2fc6822c99d7).
 */
#ifndef TWOSTAGE_COMPAT_HEADERS_H
#define TWOSTAGE_COMPAT_HEADERS_H

#include "ctree.h"

#if __has_include("extent-tree.h")
#include "extent-tree.h"
#endif
#if __has_include("scrub.h")
#include "scrub.h"
#endif

#endif /* TWOSTAGE_COMPAT_HEADERS_H */
