// SPDX-License-Identifier: GPL-2.0
/*
 * Makes UTF-8 of any bytes, for JSON and metrics, and text that a terminal does not
 * take for commands; see text.h.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "errors.h"
#include "text.h"

#define REPLACEMENT	"\xef\xbf\xbd"	/* U+FFFD */

/* Return: how many bytes the first character has, or 0 if they are not UTF-8. */
static int first_character(const unsigned char *bytes, unsigned int *character)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int length = bytes[0] < 0x80 ? 1 : bytes[0] < 0xc0 ? 0 : bytes[0] < 0xe0 ? 2 :
		     bytes[0] < 0xf0 ? 3 : bytes[0] < 0xf8 ? 4 : 0;
	int i;

	if (length < 2) {
		*character = bytes[0];
		return length;
	}
	*character = bytes[0] & (0x7f >> length);
	for (i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (bytes[i] & 0x3f);
	}
	if (*character < least[length] || *character > 0x10ffff ||
	    (*character >= 0xd800 && *character < 0xe000))
		return 0;
	return length;
}

static void convert(FILE *out, const char *bytes, bool for_terminal)
{
	unsigned int character;
	int length;

	for (; *bytes; bytes += length ? length : 1) {
		length = first_character((const unsigned char *)bytes, &character);
		if (!length)
			fputs(REPLACEMENT, out);
		else if (for_terminal && (character < 0x20 ||
					  (character >= 0x7f && character < 0xa0)))
			fprintf(out, "\\x%02x", character);
		else
			fwrite(bytes, 1, length, out);
	}
}

/* Return: the text with a replacement for what is not UTF-8, to be freed. */
char *text_as_utf8(const char *bytes)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	expect_memory(out);
	convert(out, bytes, false);
	expect_memory(!fclose(out));
	return text;
}

/* Control characters are printed as \x1b and so on. */
void text_print(FILE *out, const char *bytes)
{
	convert(out, bytes, true);
}
