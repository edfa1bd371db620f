/* SPDX-License-Identifier: GPL-2.0 */
/* Where the accessors of metadata are declared, and where an extent buffer keeps it. */
#ifndef TWOSTAGE_COMPAT_ACCESSORS_H
#define TWOSTAGE_COMPAT_ACCESSORS_H

#include "ctree.h"
#include "extent_io.h"

#include "twostage_compat.h"

#if !TWOSTAGE_HAS_CTREE_ACCESSORS
#include "accessors.h"
#endif

/* The byte at @offset of @eb, and in @contiguous how many follow it in memory. */
static __always_inline void *
twostage_extent_buffer_address(const struct extent_buffer *eb,
			       unsigned long offset, size_t *contiguous)
{
#if TWOSTAGE_HAS_EXTENT_BUFFER_PAGES
	size_t within = get_eb_offset_in_page(eb, offset);

	*contiguous = PAGE_SIZE - within;
	return page_address(eb->pages[get_eb_page_index(offset)]) + within;
#else
	size_t within = get_eb_offset_in_folio(eb, offset);

	*contiguous = eb->folio_size - within;
	return folio_address(eb->folios[get_eb_folio_index(eb, offset)]) + within;
#endif
}

#endif /* TWOSTAGE_COMPAT_ACCESSORS_H */
