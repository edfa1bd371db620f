/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a seam sets a stock function aside.
 *
 * A seam is compiled in place of btrfs' file of the same name, and includes it.
 * Renaming a function by a plain macro before that would rename the calls in the
 * same file as well, and they would never reach our replacement.
 * TWOSTAGE_SET_ASIDE() renames only the definition: its first parameter begins
 * with "struct" or "const", the first argument of a call does not. With
 *
 *	#define function(first, ...) \
 *		TWOSTAGE_SET_ASIDE(first, stock, ours)(first, __VA_ARGS__)
 *
 * a call becomes ours() and the definition stock(). The prototype must come
 * before the macro.
 */
#ifndef TWOSTAGE_SEAM_H
#define TWOSTAGE_SEAM_H

#define TWOSTAGE_FIRST_WORD_struct	ignored, 1,
#define TWOSTAGE_FIRST_WORD_const	ignored, 1,
#define TWOSTAGE_SECOND_OF(a, b, ...)	b
#define TWOSTAGE_EXPAND(...)		TWOSTAGE_SECOND_OF(__VA_ARGS__)
#define TWOSTAGE_IS_DEFINITION(first) \
	TWOSTAGE_EXPAND(TWOSTAGE_FIRST_WORD_##first, 0, 0)

#define TWOSTAGE_CHOOSE_1(stock, ours)	stock
#define TWOSTAGE_CHOOSE_0(stock, ours)	ours
#define TWOSTAGE_PASTE(a, b)		a##b
#define TWOSTAGE_CHOOSE(which)		TWOSTAGE_PASTE(TWOSTAGE_CHOOSE_, which)
#define TWOSTAGE_SET_ASIDE(first, stock, ours) \
	TWOSTAGE_CHOOSE(TWOSTAGE_IS_DEFINITION(first))(stock, ours)

/*
 * The same by another argument, for a function whose first one cannot be pasted:
 * with `#define TABLE_word TWOSTAGE_IS(what)`, TWOSTAGE_BY(TABLE_##argument) is
 * `what` if the argument begins with `word`. A word without an entry does not
 * compile.
 */
#define TWOSTAGE_NOTHING
#define TWOSTAGE_IS(what)	ignored, what,
#define TWOSTAGE_BY(known) \
	TWOSTAGE_EXPAND(known, twostage_has_no_such_word, ignored)

#endif /* TWOSTAGE_SEAM_H */
