"""The lines of an object in S3, plain or gzip, streamed from any position, and no faster than the caller asks for them.

The same as shared/aws/objects/lineFile.ts.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode
from typing import Any, Protocol

from sluice.aws.objects.line_splitter import Line, LinePosition, LineSplitter
from sluice.aws.objects.object_bytes import ObjectBytes, Retry, StoredObject
from sluice.errors import SluiceError

MOST_INFLATED = 256 * 1024
"""Bytes that are decompressed at once: a few bytes of gzip may hold a thousand times as many."""

GZIP = 31
"""zlib's window for a gzip header, checksum and trailer."""


class LineFile:
    def __init__(self, stored: StoredObject, gzip: bool, s3: Any, retry: Retry, begin: LinePosition) -> None:
        """`begin`: where its lines begin, the beginning of a line.

        A gzip object is always read from its beginning, but the bytes before `from` are not split into lines.
        """
        self._gunzipped = GunzippedBytes(stored, s3, retry) if gzip else None
        self._bytes: _Chunks = self._gunzipped or ObjectBytes(stored, s3, retry, begin.byte)
        self._skip = begin.byte if gzip else 0
        self._lines = LineSplitter(begin)
        self._ended = False

    @property
    def position(self) -> LinePosition:
        """Where the next line begins."""
        return self._lines.position

    @property
    def md5(self) -> str | None:
        """Base64, of the stored object even if it is gzip; only when `next` has returned None."""
        return None if self._gunzipped is None else self._gunzipped.md5

    def next(self) -> Line | None:
        """The next line; None behind the last.

        Raises the errors of ObjectBytes, and SluiceError OBJECT_DAMAGED if the object isn't a whole gzip file.
        """
        while True:
            line = self._lines.next()
            if line is not None or self._ended:
                return line
            chunk = self._chunk()
            if chunk == b"":
                self._ended = True
                return self._lines.end()
            self._lines.add(chunk)

    def close(self) -> None:
        """Ends the connection. Safe to call twice."""
        self._bytes.close()

    def _chunk(self) -> bytes:
        while True:
            chunk = self._bytes.next()
            if chunk == b"" or self._skip == 0:
                return chunk
            rest = chunk[self._skip :]
            self._skip = max(0, self._skip - len(chunk))
            if rest != b"":
                return rest


class _Chunks(Protocol):
    def next(self) -> bytes: ...

    def close(self) -> None: ...


class GunzippedBytes:
    """The bytes of a gzip object, decompressed. An object without bytes counts as an empty file."""

    def __init__(self, stored: StoredObject, s3: Any, retry: Retry) -> None:
        self._stored = stored
        self._source = ObjectBytes(stored, s3, retry)
        self._hash = hashlib.md5(usedforsecurity=False)
        self._inflate = zlib.decompressobj(GZIP)
        self._input = b""
        self._begun = self._done = False

    @property
    def md5(self) -> str:
        return b64encode(self._hash.digest()).decode()

    def next(self) -> bytes:
        while not self._done:
            if self._input == b"" and not self._fill():
                break
            output = self._inflated()
            if output != b"":
                return output
        # zlib ends at the trailer, but the object may have bytes behind it.
        while self._fill():
            pass
        return b""

    def close(self) -> None:
        self._source.close()

    def _fill(self) -> bool:
        """Reads more of the object. False: it has ended."""
        self._input = self._source.next()
        self._hash.update(self._input)
        if self._input == b"" and self._begun and not self._inflate.eof:
            raise self._damaged("unexpected end of file")
        self._begun = self._begun or self._input != b""
        return self._input != b""

    def _inflated(self) -> bytes:
        try:
            if self._inflate.eof:
                self._next_member()
                if self._done:
                    return b""
            output = self._inflate.decompress(self._input, MOST_INFLATED)
        except zlib.error as error:
            # zlib puts "Error -3 while decompressing data: " before the reason.
            raise self._damaged(str(error).rpartition(": ")[2]) from error
        self._input = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        return output

    def _next_member(self) -> None:
        """A file may have several members. Zeros behind the last member are padding, as for Node's zlib."""
        if self._input.startswith(b"\0"):
            self._input, self._done = b"", True
        else:
            self._inflate = zlib.decompressobj(GZIP)

    def _damaged(self, reason: str) -> SluiceError:
        where = f"s3://{self._stored.bucket}/{self._stored.key}"
        message = f"Object {where} must be a whole gzip file: {reason}."
        return SluiceError("OBJECT_DAMAGED", message, value=self._stored.key)
