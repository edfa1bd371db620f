// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz - writes nonsense into files of sysfs
 *
 *	fuzz SEED WRITES FILE...
 *
 * Each write is a text that the files know, as it is, damaged, repeated or cut off, a
 * number near a limit, or noise, of up to more than a page. A refusal must be one of
 * the errors that the documentation of the files has. After each write the file is
 * read, if it can be.
 *
 * Prints how many writes were taken and how many refused. Exit status: 0; 1 for an
 * answer that is not allowed; 2 for bad usage.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))
#define LONGEST 5000

static const char *const known[] = {
	"serial", "two_stage", "early", "stock", "0", "1", "4", "65536", "65537",
	"-1", "4294967296", "18446744073709551616", "0x10", " 1", "1 ", "\n",
	"%s%n", "../policy", "two_stage\nserial", "",
};

static uint64_t state;

/* xorshift64*, so that a run can be repeated. */
static uint64_t draw(uint64_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * UINT64_C(2685821657736338717) >> 16) % below;
}

static size_t make_text(char *text)
{
	const char *base = known[draw(ARRAY_SIZE(known))];
	size_t length = strlen(base), i;

	memcpy(text, base, length);
	switch (draw(6)) {
	case 0:
		if (length)
			text[draw(length)] ^= 1 << draw(8);
		break;
	case 1:
		length = draw(length + 1);
		break;
	case 2:
		for (i = length; length && i + length < LONGEST; i += length)
			memcpy(text + i, base, length);
		length = length ? draw(i) + 1 : 0;
		break;
	case 3:
		length = draw(LONGEST) + 1;
		for (i = 0; i < length; i++)
			text[i] = draw(256);
		break;
	case 4:
		text[length++] = '\0';
		text[length++] = 'x';
		break;
	}
	return length;
}

/* Returns whether it was taken. */
static bool write_once(const char *name, const char *text, size_t length)
{
	int file = open(name, O_WRONLY | O_CLOEXEC);
	ssize_t written;

	if (file < 0)
		err(EXIT_FAILURE, "%s", name);
	written = write(file, text, length);
	if (written < 0 && errno != EINVAL && errno != ENOENT && errno != ERANGE)
		err(EXIT_FAILURE, "%s refused %zu bytes in another way", name, length);
	if (written > (ssize_t)length)
		errx(EXIT_FAILURE, "%s took %zd of %zu bytes", name, written, length);
	close(file);
	return written >= 0;
}

static void read_once(const char *name)
{
	char text[8192];
	int file = open(name, O_RDONLY | O_CLOEXEC);

	if (file < 0 && errno == EACCES)
		return;
	if (file < 0)
		err(EXIT_FAILURE, "%s", name);
	if (read(file, text, sizeof(text)) < 0 && errno != EIO)
		err(EXIT_FAILURE, "reading %s", name);
	close(file);
}

int main(int argc, char **argv)
{
	static char text[LONGEST + 64];
	uint64_t writes, taken = 0, i;

	if (argc < 4)
		errx(EXIT_USAGE, "usage: fuzz SEED WRITES FILE...");
	state = number(argv[1], UINT64_MAX) * 2 + 1;
	writes = number(argv[2], UINT64_MAX);
	if (!writes)
		errx(EXIT_USAGE, "there is nothing to write");

	for (i = 0; i < writes; i++) {
		const char *name = argv[3 + draw(argc - 3)];
		size_t length = make_text(text);

		taken += write_once(name, text, length);
		read_once(name);
	}
	printf("%" PRIu64 " taken, %" PRIu64 " refused\n", taken, writes - taken);
	return 0;
}
