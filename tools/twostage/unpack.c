// SPDX-License-Identifier: GPL-2.0
/*
 * Modules as distributions compress them; see unpack.h.
 *
 * What unpacks to more than MOST_BYTES is refused: a file of a few kilobytes can
 * stand for more than the machine has.
 */
#include <errno.h>
#include <lzma.h>
#include <stdint.h>
#include <stdlib.h>

#include "unpack.h"

#define MOST_BYTES	((size_t)256 << 20)
#define FIRST_ROOM	((size_t)8 << 20)

/* Twice the room, and one byte for the 0 that follows the last. */
static int make_room(struct system_file *file, lzma_stream *stream)
{
	size_t room = file->size ? file->size * 2 : FIRST_ROOM;
	char *bytes;

	if (room > MOST_BYTES)
		return -ENOEXEC;
	bytes = realloc(file->bytes, room + 1);
	if (!bytes)
		return -ENOMEM;
	stream->next_out = (uint8_t *)bytes + file->size;
	stream->avail_out = room - file->size;
	file->bytes = bytes;
	file->size = room;
	return 0;
}

static int decode(lzma_stream *stream, struct system_file *unpacked)
{
	lzma_ret status = LZMA_OK;
	int ret = 0;

	while (!ret && status == LZMA_OK) {
		if (!stream->avail_out)
			ret = make_room(unpacked, stream);
		if (!ret)
			status = lzma_code(stream, LZMA_FINISH);
	}
	if (ret)
		return ret;
	if (status != LZMA_STREAM_END)
		return status == LZMA_MEM_ERROR ? -ENOMEM : -ENOEXEC;
	unpacked->size -= stream->avail_out;
	unpacked->bytes[unpacked->size] = 0;
	return 0;
}

/**
 * unpack_xz - replace a compressed file by what it holds
 * @file: the file, as it was read; left as it is after a failure
 *
 * Return: 0, -ENOEXEC when it is no whole file of xz or too large, or -ENOMEM.
 */
int unpack_xz(struct system_file *file)
{
	struct system_file unpacked = { 0 };
	lzma_stream stream = LZMA_STREAM_INIT;
	int ret;

	if (lzma_stream_decoder(&stream, UINT64_MAX, 0) != LZMA_OK)
		return -ENOMEM;
	stream.next_in = (uint8_t *)file->bytes;
	stream.avail_in = file->size;
	ret = decode(&stream, &unpacked);
	lzma_end(&stream);
	if (ret) {
		free(unpacked.bytes);
		return ret;
	}
	free(file->bytes);
	*file = unpacked;
	return 0;
}
