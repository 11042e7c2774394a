"""How large a page may be. The same as shared/engine/budget.ts, whose header explains it."""

from __future__ import annotations

import math
from collections.abc import Callable

from sluice.capacity.metering import Purpose, items_per_second
from sluice.clock import Clock

_PAGE_OF_WRITES_MS = 1_000
"""A page of writes lasts about this long: a crash repeats it."""
_FIRST_PAGE_OF_WRITES_MS = 250
"""The same for the first page of a stretch, if this worker alone had the whole rate."""
_LEAST_WRITTEN = 25
"""The least number of items, so that a page lasts longer at low rates: with fewer items checkpoints would be a
noticeable part of the cost."""
_LEAST_PASSED = 0.1
"""The least share of items that counts as passing the filter: so a page reads at most ten times as many."""
_SHARE_OF_TIME = 0.5
"""A page may take this share of the time that is left: its read, its checkpoint and a throttle or two need the rest."""
_NO_BOUND = 1_000_000
"""Means no bound: more items than any page has, because a Scan reads 1 MB at once."""
_NEWEST = 0.3
"""Weight of the newest page in the average."""


class Budget:
    def __init__(
        self,
        clock: Clock,
        deadline: float,
        per_second: Callable[[Purpose], float | None],
        failed_attempts: int = 0,
    ) -> None:
        """`deadline`: after this no request passes.

        `per_second`: what is in force for all workers together; None: no limit.

        `failed_attempts`: attempts in a row that made no progress, before this one.
        """
        self._clock = clock
        self._deadline = deadline
        self._per_second = per_second
        self._failed_attempts = failed_attempts
        self._ms_per_item: float | None = None

    def per_second(self, purpose: Purpose) -> float | None:
        return self._per_second(purpose)

    def most_items(self, passed: float = 1) -> float | None:
        ms_per_item = self._ms_per_unit() if self._ms_per_item is None else self._ms_per_item
        if ms_per_item is None or ms_per_item == 0:
            return None
        left = self._deadline - self._clock.now()
        by_time = max(1, math.floor((_SHARE_OF_TIME * left) / ms_per_item))
        most = min(by_time, self._most_written(ms_per_item, max(_LEAST_PASSED, passed)))
        return None if most > _NO_BOUND else self._after_failed_attempts(most)

    def _after_failed_attempts(self, most: float) -> float:
        return max(1, math.floor(most / 2**self._failed_attempts)) if self._ms_per_item is None else most

    def observe(self, items: int, ms: float) -> None:
        """Records the operation's time for a number of items."""
        if items == 0:
            return
        newest = ms / items
        before = self._ms_per_item
        self._ms_per_item = newest if before is None else before + _NEWEST * (newest - before)

    def _most_written(self, ms_per_item: float, passed: float) -> float:
        if items_per_second(self._per_second) is None:
            return math.inf
        ms = _FIRST_PAGE_OF_WRITES_MS if self._ms_per_item is None else _PAGE_OF_WRITES_MS
        return math.floor(max(_LEAST_WRITTEN, ms / ms_per_item) / passed)

    def _ms_per_unit(self) -> float | None:
        """An item takes a capacity unit at least."""
        rate = items_per_second(self._per_second)
        return None if rate is None else 1000 / rate
