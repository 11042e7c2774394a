"""The number of items of a page. The same as shared/sources/table/pageSize.ts, which explains the figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sluice.sources.source import PageBudget

SHARE_OF_SECOND = 0.05
"""Cost of a page at high rates, as a share of a second's rate."""
LEAST_RCU = 16
"""Least cost of a page from 100 RCU/s on, RCU: rounding wastes 1.6 % of it on average."""
LEAST_SMALL_RCU = 8
"""The same below 100 RCU/s, where rounding may waste 5 %."""
SMALL_BELOW = 100
SMOOTH_RATE = LEAST_RCU / SHARE_OF_SECOND
"""Rate from which a twentieth of a second's rate is that much, RCU/s."""
OVER = 1.08
"""The pages of one second may cost this many times its rate."""
LONGEST_SECONDS = 20
"""At rates too low for that: seconds that a page may last,"""
LONG_PAGE_RCU = 40
"""and its highest cost, RCU."""
FULL_PAGE_RCU = 128
"""RCU for the 1 MB after which Scan ends a page: half a unit for each 4 KB, eventually consistent."""
UNIT_RCU = 0.5
"""Step in which DynamoDB charges pages, RCU: half a unit, eventually consistent."""
UNIT_BYTES = 4096
"""Bytes of such a step, at either consistency."""
FIRST_PAGE_ITEMS = 10
"""Items of the first page if their size is unknown."""
KEPT = 0.7
"""Weight that earlier pages keep after each further page: the newest has 30 %."""
PASSED_BEFORE = 100
"""Weight of the share that passed the filter before the first page, in items read."""
EVEN_STEP = (math.sqrt(5) - 1) / 2
"""A fraction whose multiples, without their whole parts, lie evenly between 0 and 1 (the golden section)."""


@dataclass(frozen=True)
class Seen:
    """Items that were read and what they cost, RCU."""

    items: float
    rcu: float

    def scaled(self, rcu: float) -> Seen:
        """The same cost per item, with this cost in all."""
        return Seen(self.items * rcu / self.rcu, rcu)


class PageSize:
    def __init__(
        self,
        budget: PageBudget,
        consistent_read: bool,
        average_bytes: float | None = None,
        before: Mapping[str, float] | None = None,
    ) -> None:
        """`average_bytes` of an item, from the table's description; None or 0: unknown.

        `before`: the unit's counts so far. They say more about the unit's items than the table's average.
        """
        self._budget = budget
        # Strongly consistent reads cost twice as much.
        self._strength = 2 if consistent_read else 1
        before = before or {}
        # Pages of the unit so far.
        self._pages = before.get("pages", 0)
        # Items and cost of recent pages; older ones weigh less. The estimate from before the first page weighs as much
        # as one small page.
        self._seen: Seen | None = None
        # How many items recent pages read, and how many of these passed the filter.
        self._read = self._passed = 0.0
        if before.get("scannedItems", 0) > 0:
            kept = min(1, PASSED_BEFORE / before["scannedItems"])
            self._read, self._passed = kept * before["scannedItems"], kept * before["items"]
        unit, weight = self._strength * UNIT_RCU, self._strength * LEAST_RCU
        if before.get("scannedItems", 0) > 0 and before["rcu"] > unit:
            self._seen = Seen(before["scannedItems"], before["rcu"]).scaled(weight)
        elif average_bytes:
            self._seen = Seen(UNIT_BYTES / average_bytes, unit).scaled(weight)

    def items(self) -> int | None:
        """Scan's `Limit`: as many items as both the rate and the time allow.

        None if 1 MB is small enough.
        """
        # One item more, which passed, stands for those that nobody has read yet.
        passed = (self._passed + 1) / (self._read + 1)
        bounds = [each for each in (self._items_by_rate(), self._budget.most_items(passed)) if each is not None]
        return int(min(bounds)) if bounds else None

    def observe(self, items: float, rcu: float, passed: float) -> None:
        """Records what a page of this many items cost, and how many of them passed the filter."""
        self._pages += 1
        self._read, self._passed = items + KEPT * self._read, passed + KEPT * self._passed
        if items == 0 or rcu == 0:
            return
        seen = self._seen or Seen(0, 0)
        expected = rcu if seen.items == 0 else items * seen.rcu / seen.items
        cost = min(max(expected, rcu - self._strength * UNIT_RCU), rcu)
        self._seen = Seen(items + KEPT * seen.items, cost + KEPT * seen.rcu)

    def _items_by_rate(self) -> int | None:
        rate = self._budget.per_second("read")
        if rate is None:
            return None
        rcu = page_rcu(rate, self._strength)
        if rcu >= self._strength * FULL_PAGE_RCU:
            return None
        if self._seen is None:
            return FIRST_PAGE_ITEMS
        less = self._strength * UNIT_RCU * ((self._pages * EVEN_STEP) % 1)
        return max(1, math.floor((rcu - less) * self._seen.items / self._seen.rcu))


def page_rcu(rate: float, strength: int) -> float:
    """Cost that a page may have at a rate (RCU/s), RCU, in the steps in which it is charged. Pure.

    `strength` 1: eventually consistent, 2: strongly.
    """
    eventual = min(FULL_PAGE_RCU, _eventual_page_rcu(rate / strength, rate < SMALL_BELOW))
    return strength * UNIT_RCU * max(1, math.floor(eventual / UNIT_RCU + 1e-9))


def _eventual_page_rcu(rate: float, small: bool) -> float:
    if rate >= SMOOTH_RATE:
        return SHARE_OF_SECOND * rate
    if OVER * rate < LEAST_RCU:
        return min(LONG_PAGE_RCU, LONGEST_SECONDS * rate)
    least = LEAST_SMALL_RCU if small else LEAST_RCU
    return OVER * rate / math.floor(OVER * rate / least)
