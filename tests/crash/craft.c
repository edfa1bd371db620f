// SPDX-License-Identifier: GPL-2.0
/*
 * craft - writes a number into a tree block, as an attacker would
 *
 *	craft DEVICE BLOCK-OFFSET NODE-SIZE POSITION VALUE
 *
 * The block begins at BLOCK-OFFSET of the device. The eight bytes at POSITION are
 * set to VALUE, little-endian, and the block's checksum (crc32c) is made to match, so
 * that the kernel trusts the block. Refuses a block whose checksum was wrong before:
 * it is no tree block, or has another kind of checksum.
 *
 * Exit status: 0, or 2 when it did nothing.
 */
#include <string.h>
#include <unistd.h>

#include "common.h"

#define CHECKSUM_SIZE 32	/* the space for one, of which crc32c takes 4 */
#define MAX_NODE_SIZE 65536

static uint32_t crc32c(const unsigned char *data, size_t length)
{
	uint32_t crc = ~UINT32_C(0);
	int bit;

	while (length--) {
		crc ^= *data++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
	}
	return ~crc;
}

static void put(unsigned char *at, uint64_t value, unsigned int bytes)
{
	unsigned int i;

	for (i = 0; i < bytes; i++)
		at[i] = value >> 8 * i;
}

static void put_checksum(unsigned char *at, const unsigned char *block, size_t size)
{
	put(at, crc32c(block + CHECKSUM_SIZE, size - CHECKSUM_SIZE), 4);
}

int main(int argc, char **argv)
{
	static unsigned char block[MAX_NODE_SIZE];
	unsigned char checksum[4];
	uint64_t offset, value;
	unsigned int size, position;
	int device;

	if (argc != 6)
		errx(EXIT_USAGE, "usage: craft DEVICE BLOCK-OFFSET NODE-SIZE POSITION VALUE");
	offset = number(argv[2], INT64_MAX);
	size = number(argv[3], MAX_NODE_SIZE);
	position = number(argv[4], size);
	value = number(argv[5], UINT64_MAX);
	if (position < CHECKSUM_SIZE || position + sizeof(value) > size)
		errx(EXIT_USAGE, "a number at %u is not in the block", position);

	device = open_file(argv[1], O_RDWR);
	if (pread(device, block, size, offset) != (ssize_t)size)
		err(EXIT_USAGE, "%s at %" PRIu64, argv[1], offset);
	put_checksum(checksum, block, size);
	if (memcmp(block, checksum, sizeof(checksum)))
		errx(EXIT_USAGE, "%s has no tree block at %" PRIu64, argv[1], offset);

	put(block + position, value, sizeof(value));
	put_checksum(block, block, size);
	if (pwrite(device, block, size, offset) != (ssize_t)size || fsync(device))
		err(EXIT_USAGE, "%s at %" PRIu64, argv[1], offset);
	return 0;
}
