# SPDX-License-Identifier: GPL-2.0
"""A text in a PNG: the digest of the results that it shows."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEY = b"Results"


def _chunks(data):
    """The kind, the contents and the end of each."""
    if not data.startswith(SIGNATURE):
        return
    place = len(SIGNATURE)
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        contents = data[place + 8:place + 8 + length]
        place += length + 12
        yield kind, contents, place


def digest_in(data):
    """The digest in a picture; None where there is none."""
    for kind, contents, _ in _chunks(data):
        key, _, text = contents.partition(b"\0")
        if kind == b"tEXt" and key == KEY:
            return text.decode("latin-1")
    return None


def with_digest(data, digest):
    """The picture with this digest, behind its first chunk."""
    contents = b"tEXt" + KEY + b"\0" + digest.encode("latin-1")
    chunk = struct.pack(">I", len(contents) - 4) + contents + \
        struct.pack(">I", zlib.crc32(contents))
    _, _, end = next(_chunks(data))
    return data[:end] + chunk + data[end:]
