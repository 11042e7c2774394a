"""Reads the next page while a writing operation still works on the one before: shared/engine/readAhead.ts.

Otherwise no write would be under way while a worker waits for a page. Nothing is read ahead during a long page: the
wait is a small part of its time. Nor is anything read ahead just before the stretch ends, because that page would have
to be read again.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from sluice.aws.item import Json
from sluice.clock import Clock
from sluice.sources.source import Source, SourcePage

_SHORT_MS = 5_000
"""A page that takes longer than this is long. A read takes up to about 150 ms: unless workers use little of the
limit, it waits for the delay of its slice, 125 ms (docs/decisions/0100)."""
_FIRST_MS = 1_000
"""The assumed duration of a unit's first page."""


class ReadAhead:
    def __init__(self, source: Source, writes: bool, clock: Clock, stop_at: float) -> None:
        """`stop_at`: after this no further page is begun."""
        self._source = source
        self._writes = writes
        self._clock = clock
        self._stop_at = stop_at
        self._thread = ThreadPoolExecutor(1, "sluice-read-ahead")
        self._next: Future[SourcePage] | None = None
        self._last_ms: float = _FIRST_MS

    def read(self, cursor: Json) -> SourcePage:
        """The page at `cursor`. If one was read ahead, it is that one."""
        ahead, self._next = self._next, None
        return self._source.read(cursor) if ahead is None else ahead.result()

    def begin(self, cursor: Json) -> None:
        """Called before the operation works on a page, with the cursor behind it."""
        if cursor is not None and self._is_worth_it():
            self._next = self._thread.submit(self._source.read, cursor)

    def worked(self, ms: float) -> None:
        """Called after the operation has worked on a page for this long."""
        self._last_ms = ms

    def end(self) -> None:
        """Waits for a read that nobody asked for, so that its consumption is still charged. Never raises."""
        self._thread.shutdown(wait=True)
        self._next = None

    def _is_worth_it(self) -> bool:
        return self._writes and self._last_ms < _SHORT_MS and self._clock.now() + 2 * self._last_ms < self._stop_at
