/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slab caches under names of our own: two of one name cannot both have their
 * sysfs directory.
 *
 * kmem_cache_create() is either a function, which KMEM_CACHE() calls too, or a
 * macro that chooses a function by the type of its third argument, past which
 * KMEM_CACHE() goes straight to one of them (b2e7456b5c25). A macro cannot wrap
 * another of its own name, so the one function that btrfs chooses takes its
 * place; a call that would have chosen another does not compile.
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
