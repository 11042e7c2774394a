"""Pages of lines from objects in S3. A unit is a list of parts, and a part is an object or a range of it.

The object stays open between the pages of one worker. Another worker, or the same one after an error, opens it again at
the cursor. That is a request for the rest of a plain object; a gzip object is decompressed from its beginning. The same
as shared/sources/linePages.ts.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sluice.aws.item import Json
from sluice.aws.objects.line_file import LineFile
from sluice.aws.objects.line_splitter import Line, LinePosition
from sluice.aws.objects.object_bytes import Retry, StoredObject
from sluice.capacity.metering import items_per_second
from sluice.sources.source import PageBudget

MOST_BYTES = 1024 * 1024
"""Bytes of wanted lines after which a page ends: what a Scan reads at once."""
MOST_SCANNED_BYTES = 16 * 1024 * 1024
"""Bytes of all lines after which a page of a sample ends."""
MOST_LINES = 1_000
"""The most lines of a page; rate or time may ask for fewer."""
LEAST_LINES = 25
"""A smaller page would cost more in checkpoints than it helps."""

BEGINNING = LinePosition(0, 0)


@dataclass(frozen=True)
class LinePart:
    """A part of a unit."""

    stored: StoredObject
    gzip: bool
    begin: LinePosition = BEGINNING
    """Where its first line begins."""
    mid_line: bool = False
    """`begin` is one byte before the range, so the line that begins there belongs to the range before."""
    until: float = math.inf
    """Lines that begin here or behind don't belong to it."""


class LineCursor(NamedTuple):
    """Where a page begins: a line of a part."""

    part: int
    line: int
    byte: int


def line_cursor(cursor: Json) -> LineCursor | None:
    """The cursor in its JSON form, `{"part": …, "line": …, "byte": …}`. Without a part it is in the first one."""
    if cursor is None:
        return None
    fields = cast(Mapping[str, int], cursor)
    return LineCursor(int(fields.get("part", 0)), int(fields["line"]), int(fields["byte"]))


class LinePage(NamedTuple):
    lines: Sequence[Line]
    scanned_items: int
    """Lines that were read, wanted or not."""
    scanned_bytes: int
    cursor: LineCursor | None


def page_lines(budget: PageBudget) -> int:
    """Lines of a page: about a second of writes, at one capacity unit per item, and no more than there is time for."""
    rate = items_per_second(budget.per_second)
    most = budget.most_items()
    by_rate = min(MOST_LINES, max(LEAST_LINES, math.floor(MOST_LINES if rate is None else rate)))
    return max(1, int(min(by_rate, MOST_LINES if most is None else most)))


def is_in_sample(sample: Mapping[str, Any], unit: int, part: int, line: int) -> bool:
    """Whether a line belongs to a sample (`share`, `seed`). Pure."""
    digest = hashlib.md5(f"{sample['seed']}/{unit}/{part}/{line}".encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:6], "big") / 2**48 < float(sample["share"])


def _nothing(part: int, file: LineFile) -> None:
    pass


class LinePages:
    def __init__(
        self,
        unit: int,
        parts: Sequence[LinePart],
        s3: Any,
        retry: Retry,
        *,
        sample: Mapping[str, Any] | None = None,
        on_end: Callable[[int, LineFile], None] = _nothing,
    ) -> None:
        """`on_end` is called when a part was read to the end of its object; it raises an error if the object is not as
        expected."""
        self._unit, self._parts, self._s3, self._retry = unit, parts, s3, retry
        self._sample, self._on_end = sample, on_end
        self._part = 0
        self._file: LineFile | None = None
        # The next line, if it has been read already.
        self._ahead: Line | None = None

    def page(self, cursor: LineCursor | None, most: int) -> LinePage:
        """At most this many wanted lines, and at least one, if there is one.

        Closes the object after an error: then the next page opens it again.
        """
        try:
            self._go_to(cursor or LineCursor(0, *self._begin_of(0)))
            return self._take(most)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the connection. Safe to call twice; a page that is read afterwards opens the object again."""
        if self._file is not None:
            self._file.close()
        self._file = self._ahead = None

    def _take(self, most: int) -> LinePage:
        lines: list[Line] = []
        scanned_items = scanned_bytes = wanted_bytes = 0
        line = self._peek()
        while line and len(lines) < most and wanted_bytes < MOST_BYTES and scanned_bytes < MOST_SCANNED_BYTES:
            scanned_items += 1
            scanned_bytes += line.bytes
            if self._is_wanted(line):
                lines.append(line)
                wanted_bytes += line.bytes
            self._ahead = None
            line = self._peek()
        cursor = LineCursor(self._part, *line.position) if line else None
        return LinePage(lines, scanned_items, scanned_bytes, cursor)

    def _is_wanted(self, line: Line) -> bool:
        return self._sample is None or is_in_sample(self._sample, self._unit, self._part, line.position.line)

    def _go_to(self, cursor: LineCursor) -> None:
        now = self._ahead.position if self._ahead else self._file.position if self._file else None
        position = LinePosition(cursor.line, cursor.byte)
        if self._part == cursor.part and now == position:
            return
        self.close()
        self._part = cursor.part
        self._open(position)

    def _open(self, begin: LinePosition) -> None:
        if self._part < len(self._parts):
            part = self._parts[self._part]
            self._file = LineFile(part.stored, part.gzip, self._s3, self._retry, begin)
        else:
            self._file = None

    def _peek(self) -> Line | None:
        """The next line of the unit, without moving on; None behind the last."""
        while self._ahead is None and self._file is not None:
            part = self._parts[self._part]
            line = self._file.next()
            if line is None or line.position.byte >= part.until:
                self._end_part(self._file, whole=line is None)
            elif not part.mid_line or line.position.byte != part.begin.byte:
                self._ahead = line
        return self._ahead

    def _end_part(self, file: LineFile, *, whole: bool) -> None:
        if whole:
            self._on_end(self._part, file)
        file.close()
        self._part += 1
        self._open(self._begin_of(self._part))

    def _begin_of(self, part: int) -> LinePosition:
        return self._parts[part].begin if part < len(self._parts) else BEGINNING
