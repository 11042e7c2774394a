"""The share of the limit that one of several workers may take. See shared/capacity/worker/fairShare.ts.

It is owed `elapsed / workers` milliseconds of account time. If it takes more, the amount owed becomes negative, and
others go first. If a fair share of one visit is less than about one request, the ledger is *crowded*.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from sluice.capacity.worker import pace
from sluice.capacity.worker.active_workers import ActiveWorkers
from sluice.capacity.worker.steadiness import Steadiness

_CROWDED_REQUESTS = 1.2
"""Shares of up to this many requests count as crowded: estimates aren't exact, and the two modes shouldn't
alternate."""


class FairShare:
    def __init__(self) -> None:
        self.workers = ActiveWorkers()
        self.steadiness = Steadiness()
        self.owed = 0.0
        """Not yet taken, milliseconds of account time."""
        self._accrued_at = 0.0
        self._cost = 0.0
        """The cost of a request, milliseconds; 0 while it is unknown."""
        self._advance = 0.0
        """The part of the owed amount that belongs to time to come.

        A longer period takes it in advance, a shorter one repays it.
        """
        self._lift = 0.0

    def start(self, now: float) -> None:
        """Nothing is owed for the time before `now`."""
        self._accrued_at = now

    def start_randomly(self, random: Callable[[], float]) -> None:
        """The first share once costs are known.

        Its size is random: otherwise the workers' remainders below a whole request would add up to a burst.
        """
        self.owed = self.of_visit * pace.FIRST_SHARE * (0.75 + 0.5 * random())

    def accrue(self, now: float, cost: float) -> None:
        """`cost`: of a request, milliseconds of account time. The amount owed never exceeds three shares or
        requests."""
        self._cost = cost
        self.owed += max(0.0, now - self._accrued_at) / self.workers.count
        self._accrued_at = now
        advance = self.of_visit - pace.period_ms(self.workers.count) / self.workers.count
        self.owed = max(min(0.0, self.owed), self.owed + advance - self._advance)
        self._advance = advance
        whole = cost * max(1, math.floor(self.of_visit / cost + 0.5)) if cost > 0 else 0.0
        self.owed += self._lift * max(0.0, whole - self.owed)
        self._lift = 0.0
        least = -max(2 * self.of_visit, 3 * cost)
        self.owed = max(least, min(self.owed, 3 * max(self.of_visit, cost)))

    @property
    def few(self) -> bool:
        """Whether the workers are few, so that their visits grow rare while nothing changes."""
        return pace.are_few(self.workers.count, self._cost)

    @property
    def period_ms(self) -> float:
        """From one counted slice to the next."""
        return self.steadiness.period_ms(self.workers.count, self.few)

    def even_out(self) -> None:
        """Slices of steady workers become as long as their period.

        Otherwise each slice would stay as long as the one before.
        """
        self._lift = 0.5

    @property
    def of_visit(self) -> float:
        """Fair share of one visit, milliseconds of account time."""
        return self.period_ms / self.workers.count

    def of_turn(self, cost: float) -> float:
        """The part of the owed amount that a turn may take: few workers that take more than a share wait for one
        another."""
        if not self.few:
            return self.owed
        requests = math.floor(pace.longest_period_ms(self.workers.count, True) / self.workers.count / cost + 0.5)
        return min(self.owed, max(1, requests) * cost)

    def most_horizon(self, crowded: bool) -> float:
        """How far ahead a worker may always reserve what it is owed. Long slices may be late by more."""
        most = pace.most_horizon(crowded)
        return most if crowded else max(most, pace.LEAD_MS + 0.3 * self.of_visit)

    def crowded(self, cost: float) -> bool:
        """Depends on the longest period, so that it doesn't change with the worker's current one."""
        count = self.workers.count
        return pace.longest_period_ms(count, pace.are_few(count, cost)) < _CROWDED_REQUESTS * cost * count

    def horizon(self, cost: float) -> float:
        """How far ahead this worker may reserve more than it is owed."""
        return pace.horizon_for(self.owed, max(cost, self.of_visit), self.crowded(cost))
