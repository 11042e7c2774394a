"""How many keys a page and a request have if their items are read. The same as shared/sources/keys/keyCost.ts."""

from __future__ import annotations

import math

from sluice.capacity.metering import ReadConsistency, read_bytes, read_capacity_units
from sluice.sources.keys.read_items import MOST_BATCH_KEYS
from sluice.sources.source import PageBudget

LEAST_KEYS = 25
"""A smaller page would cost more in checkpoints than it helps."""
PAGE_SECONDS = 2
"""The most seconds of reading in a page, unless the page is small."""
MOST_BYTES = 8 * 1024 * 1024
"""Bytes of the items of a page, which a worker holds in memory."""
NEWEST = 0.3
"""Weight of the newest page in the average."""


class KeyCost:
    def __init__(self, budget: PageBudget, consistent: bool, average_bytes: float | None) -> None:
        """`average_bytes` of an item; None: not known."""
        self._budget = budget
        self._strength: ReadConsistency = "strong" if consistent else "eventual"
        # Read capacity units that the read of a key costs, on average.
        self._each = read_capacity_units(max(1, average_bytes or 0), self._strength)

    def batch(self) -> int:
        """Keys of a request: a second's reads, because a request consumes its whole cost at one moment."""
        rcu = self._budget.per_second("read")
        if rcu is None:
            return MOST_BATCH_KEYS
        return max(1, min(MOST_BATCH_KEYS, math.floor(rcu / self._each)))

    def page(self) -> int:
        """Most keys of a page."""
        rcu = self._budget.per_second("read")
        by_rate = math.inf if rcu is None else PAGE_SECONDS * rcu / self._each
        by_size = MOST_BYTES / read_bytes(self._each, self._strength)
        return max(LEAST_KEYS, math.floor(min(by_rate, by_size)))

    def observe(self, keys: int, rcu: float) -> None:
        """Records the cost of reading a number of keys."""
        if keys > 0 and rcu > 0:
            self._each += NEWEST * (rcu / keys - self._each)
