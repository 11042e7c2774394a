"""Splits bytes into lines at line feeds. The same as shared/aws/objects/lineSplitter.ts.

A line is UTF-8, without its line feed; a carriage return before that belongs to the line. The last line needs no line
feed. Empty lines are skipped; only their bytes count.
"""

from __future__ import annotations

from typing import NamedTuple

MOST_LINE_BYTES = 6 * 1024 * 1024
"""An item of DynamoDB has 400 KB; JSON may write a byte of it as `\\u0000`, and an incremental export writes it twice.
A longer line isn't an item, and must not fill the memory."""


class LinePosition(NamedTuple):
    """Where a line begins."""

    line: int
    """Lines before it."""
    byte: int
    """Bytes before it."""


class Line(NamedTuple):
    text: str
    position: LinePosition
    bytes: int
    """With its line feed."""
    cut: bool
    """Only the first bytes of a line that is longer than `MOST_LINE_BYTES`."""


class LineSplitter:
    def __init__(self, begin: LinePosition) -> None:
        self._line, self._byte = begin
        self._chunk = b""
        self._at = 0
        # Beginning of a line that the chunk continues, and its length, which may be more than is kept.
        self._begun = b""
        self._begun_bytes = 0

    @property
    def position(self) -> LinePosition:
        """Where the next line begins."""
        return LinePosition(self._line, self._byte)

    def add(self, chunk: bytes) -> None:
        """Adds bytes. Only when `next` has returned None."""
        self._chunk, self._at = chunk, 0

    def next(self) -> Line | None:
        """The next whole line; None if more bytes are needed."""
        while True:
            end = self._chunk.find(b"\n", self._at)
            if end < 0:
                self._keep(self._chunk[self._at :])
                self._chunk, self._at = b"", 0
                return None
            self._keep(self._chunk[self._at : end])
            self._at = end + 1
            line = self._take(1)
            if line is not None:
                return line

    def end(self) -> Line | None:
        """The last line, if it has no line feed. Only when `next` has returned None and there are no more bytes."""
        return self._take(0)

    def _keep(self, piece: bytes) -> None:
        self._begun += piece[: max(0, MOST_LINE_BYTES - self._begun_bytes)]
        self._begun_bytes += len(piece)

    def _take(self, feed: int) -> Line | None:
        length, text = self._begun_bytes, self._begun
        self._begun, self._begun_bytes = b"", 0
        position = LinePosition(self._line, self._byte)
        self._byte += length + feed
        if length == 0:
            return None
        self._line += 1
        return Line(text.decode("utf-8", "replace"), position, length + feed, length > MOST_LINE_BYTES)
