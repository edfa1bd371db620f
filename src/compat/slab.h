/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gives our slab caches names of their own: two of one name cannot both have a
 * sysfs directory.
 *
 * kmem_cache_create() is either a function, which KMEM_CACHE() calls as well, or
 * a macro that picks a function by the type of its third argument, while
 * KMEM_CACHE() calls one of these directly (b2e7456b5c25). A macro cannot wrap
 * another of its own name, so it becomes the one function that btrfs picks; a call
 * that would have picked another does not compile.
 */
#ifndef TWOSTAGE_COMPAT_SLAB_H
#define TWOSTAGE_COMPAT_SLAB_H

#include <linux/slab.h>

#ifdef kmem_cache_create
#undef kmem_cache_create
#define kmem_cache_create(name, ...) \
	__kmem_cache_create("twostage_" name, __VA_ARGS__)
#define __kmem_cache_create_args(name, ...) \
	__kmem_cache_create_args("twostage_" name, __VA_ARGS__)
#else
#define kmem_cache_create(name, ...) \
	kmem_cache_create("twostage_" name, __VA_ARGS__)
#endif

#endif /* TWOSTAGE_COMPAT_SLAB_H */
