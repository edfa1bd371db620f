/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a seam sets a function of the distribution's aside.
 *
 * A seam is compiled in place of the distribution's file of the same name, and
 * includes it. A plain rename of a function before that renames its callers in
 * the same file as well, so that they never reach what we put in its place.
 * TWOSTAGE_SET_ASIDE() renames the definition alone: its first parameter begins
 * with the word "struct", the first argument of a call does not. As in
 *
 *	#define function(first, ...) \
 *		TWOSTAGE_SET_ASIDE(first, stock, ours)(first, __VA_ARGS__)
 *
 * where a call becomes ours() and the definition stock(). The prototype must
 * have been seen before.
 */
#ifndef TWOSTAGE_SEAM_H
#define TWOSTAGE_SEAM_H

#define TWOSTAGE_FIRST_WORD_struct	ignored, 1,
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
 * The same by another argument, for a function that is called with what cannot
 * be pasted: TWOSTAGE_BY(TABLE_##argument) is what `#define TABLE_word
 * TWOSTAGE_IS(what)` says of the argument's first word. A word that the table does
 * not have does not compile.
 */
#define TWOSTAGE_NOTHING
#define TWOSTAGE_IS(what)	ignored, what,
#define TWOSTAGE_BY(known) \
	TWOSTAGE_EXPAND(known, twostage_has_no_such_word, ignored)

#endif /* TWOSTAGE_SEAM_H */
