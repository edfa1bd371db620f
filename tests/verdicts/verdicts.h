/* SPDX-License-Identifier: GPL-2.0 */
/* What both versions of the tree checker share with those who ask them. */
#ifndef TWOSTAGE_VERDICTS_H
#define TWOSTAGE_VERDICTS_H

#include <linux/compiler.h>
#include <linux/types.h>

struct extent_buffer;

int twostage_verdict_stock_check(struct extent_buffer *eb, bool leaf);
int twostage_verdict_inlined_check(struct extent_buffer *eb, bool leaf);

u64 twostage_verdict_stock_exercise(struct extent_buffer *eb, unsigned long offset);
u64 twostage_verdict_inlined_exercise(struct extent_buffer *eb, unsigned long offset);

__printf(1, 2) void twostage_verdict_say(const char *format, ...);

#endif /* TWOSTAGE_VERDICTS_H */
