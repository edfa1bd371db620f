/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads members of leaves and nodes inline, where btrfs calls a function for each.
 *
 * Kbuild includes this before some files of btrfs. What lies in the extent buffer and
 * in one page or folio, which is nearly everything, is read here; for the rest the
 * stock function is called, so a member out of bounds is reported as ever.
 */
#ifndef TWOSTAGE_INLINE_ACCESSORS_H
#define TWOSTAGE_INLINE_ACCESSORS_H

#include <linux/compiler.h>
#include <linux/string.h>
#include <linux/types.h>

#include "seams/seam.h"
#include "twostage_compat.h"

/* The largest member that read_extent_buffer() reads inline: more than a key. */
#define TWOSTAGE_INLINE_BYTES	32

struct btrfs_map_token;
struct extent_buffer;

static __always_inline void
twostage_read_extent_buffer(const struct extent_buffer *eb, void *to,
			    unsigned long offset, unsigned long length);

#define TWOSTAGE_DECLARE_GET(bits)					\
static __always_inline u##bits						\
twostage_get_##bits(const struct extent_buffer *eb, const void *ptr,	\
		    unsigned long off);

TWOSTAGE_DECLARE_GET(8)
TWOSTAGE_DECLARE_GET(16)
TWOSTAGE_DECLARE_GET(32)
TWOSTAGE_DECLARE_GET(64)

/* To shift the items of a leaf: newer kernels do it without a token. */
static __always_inline void
twostage_set_32(const struct extent_buffer *eb, void *ptr, unsigned long off, u32 value);
#if TWOSTAGE_HAS_MAP_TOKEN
static __always_inline u32
twostage_get_token_32(struct btrfs_map_token *token, const void *ptr, unsigned long off);
static __always_inline void
twostage_set_token_32(struct btrfs_map_token *token, const void *ptr, unsigned long off,
		      u32 value);
#endif

/* The calls in btrfs' headers are ours, the prototypes are not. */
#define TWOSTAGE_INLINED(name, ours, first, ...)			\
	TWOSTAGE_SET_ASIDE(first, name, ours)(first, __VA_ARGS__)
#define read_extent_buffer(...)						\
	TWOSTAGE_INLINED(read_extent_buffer, twostage_read_extent_buffer, __VA_ARGS__)
#define btrfs_get_8(...)						\
	TWOSTAGE_INLINED(btrfs_get_8, twostage_get_8, __VA_ARGS__)
#define btrfs_get_16(...)						\
	TWOSTAGE_INLINED(btrfs_get_16, twostage_get_16, __VA_ARGS__)
#define btrfs_get_32(...)						\
	TWOSTAGE_INLINED(btrfs_get_32, twostage_get_32, __VA_ARGS__)
#define btrfs_get_64(...)						\
	TWOSTAGE_INLINED(btrfs_get_64, twostage_get_64, __VA_ARGS__)
#define btrfs_set_32(...)						\
	TWOSTAGE_INLINED(btrfs_set_32, twostage_set_32, __VA_ARGS__)
#define btrfs_get_token_32(...)						\
	TWOSTAGE_INLINED(btrfs_get_token_32, twostage_get_token_32, __VA_ARGS__)
#define btrfs_set_token_32(...)						\
	TWOSTAGE_INLINED(btrfs_set_token_32, twostage_set_token_32, __VA_ARGS__)

#include "compat/accessors.h"

/* NULL if not all of it is in the buffer, and in one piece of memory. */
static __always_inline void *
twostage_member(const struct extent_buffer *eb, unsigned long offset, size_t length)
{
	size_t contiguous;
	void *address;

	if (unlikely(offset > eb->len - length))
		return NULL;
	address = twostage_extent_buffer_address(eb, offset, &contiguous);
	return likely(length <= contiguous) ? address : NULL;
}

static __always_inline void
twostage_read_extent_buffer(const struct extent_buffer *eb, void *to,
			    unsigned long offset, unsigned long length)
{
	const void *from = NULL;

	if (__builtin_constant_p(length) && length <= TWOSTAGE_INLINE_BYTES)
		from = twostage_member(eb, offset, length);
	if (from)
		memcpy(to, from, length);
	else
		(read_extent_buffer)(eb, to, offset, length);
}

#define TWOSTAGE_DEFINE_GET(bits)					\
static __always_inline u##bits						\
twostage_get_##bits(const struct extent_buffer *eb, const void *ptr,	\
		    unsigned long off)					\
{									\
	const void *member = twostage_member(eb, (unsigned long)ptr + off, \
					     sizeof(u##bits));		\
									\
	if (likely(member))						\
		return get_unaligned_le##bits(member);			\
	return (btrfs_get_##bits)(eb, ptr, off);			\
}

TWOSTAGE_DEFINE_GET(8)
TWOSTAGE_DEFINE_GET(16)
TWOSTAGE_DEFINE_GET(32)
TWOSTAGE_DEFINE_GET(64)

static __always_inline void
twostage_set_32(const struct extent_buffer *eb, void *ptr, unsigned long off, u32 value)
{
	void *member = twostage_member(eb, (unsigned long)ptr + off, sizeof(value));

	if (likely(member))
		put_unaligned_le32(value, member);
	else
		(btrfs_set_32)(eb, ptr, off, value);
}

#if TWOSTAGE_HAS_MAP_TOKEN
/* A token remembers the page of its last member: finding that costs less. */
static __always_inline u32
twostage_get_token_32(struct btrfs_map_token *token, const void *ptr, unsigned long off)
{
	return twostage_get_32(token->eb, ptr, off);
}

static __always_inline void
twostage_set_token_32(struct btrfs_map_token *token, const void *ptr, unsigned long off,
		      u32 value)
{
	twostage_set_32(token->eb, (void *)ptr, off, value);
}
#endif

#endif /* TWOSTAGE_INLINE_ACCESSORS_H */
