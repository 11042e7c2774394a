"""A gzip file that grows page by page. The same as shared/results/gzip.ts, which shows the layout and gives the
reasons.

Each page is deflated by itself and flushed to a whole byte, so the pages of a file lie one behind the other, whichever
worker deflated them; header, end mark and checksum are put around them when the file is written.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence

HEADER = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
"""Deflate, no name, no time: the same pages give the same bytes."""
END_MARK = bytes([3, 0])
"""A last block without content."""
LEVEL = 1
"""CPU is a worker's scarce resource."""

TextSum = Mapping[str, int]
"""Size and checksum of a file's uncompressed text: `bytes` and `crc32`."""

NO_TEXT: TextSum = {"bytes": 0, "crc32": 0}


def grown_sum(sum_: TextSum, text: bytes) -> dict[str, int]:
    """The sum with more text at the end."""
    return {"bytes": sum_["bytes"] + len(text), "crc32": zlib.crc32(text, sum_["crc32"])}


def deflate_page(text: bytes) -> bytes:
    """One page, deflated so that others may follow."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH)


def gzip_file(pages: Sequence[bytes], text: TextSum) -> bytes:
    """The whole file."""
    trailer = struct.pack("<II", text["crc32"], text["bytes"] % 2**32)
    return b"".join([HEADER, *pages, END_MARK, trailer])
