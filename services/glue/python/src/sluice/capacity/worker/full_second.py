"""Keeps one worker's large requests from exceeding the limit in any second by more than a tenth.

It acts only if costs are as even as those of pages. See shared/capacity/worker/fullSecond.ts.
"""

from __future__ import annotations

import math

_WINDOW_MS = 1020
"""Little longer than a second: a request may take this much longer to reach the table than the one before it."""
_MOST_MS = 1100
"""The most that a second may hold, milliseconds of account time; or one request, if that costs more."""
_INEXACT = 0.2
"""A second with as many requests as planned may exceed that by this part of one request, because no request costs
exactly its estimate."""
_NOTHING = 0.1
"""A request that costs less than this part of a usual one doesn't count as a request; only its cost counts."""
_UNEVEN = 0.15
"""If costs differ from their estimates by more than this part on average, only the slices act."""
_WEIGHT = 0.1
"""The weight of each request in that average."""
_LARGE_MS = 20
"""Requests that cost less than this are too small to matter."""


class Started:
    """A request that has started."""

    __slots__ = ("at", "cost", "estimate")

    def __init__(self, at: float, estimate: float) -> None:
        self.at = at
        self.estimate = estimate
        self.cost = estimate
        """Its estimate, then what it cost, milliseconds of account time."""


class FullSecond:
    def __init__(self) -> None:
        self._started: list[Started] = []
        self._uneven = 0.0

    @property
    def is_uneven(self) -> bool:
        """Whether costs differ much from their estimates."""
        return self._uneven > _UNEVEN

    def start(self, at: float, estimate: float) -> Started:
        """A request starts."""
        request = Started(at, estimate)
        if self._started:
            self._started = [each for each in self._started if each.at + _WINDOW_MS > at]
        if estimate >= _LARGE_MS:
            self._started.append(request)
        return request

    def end(self, request: Started, cost: float) -> None:
        """Its cost is known; 0 if it consumed nothing."""
        request.cost = cost
        if cost == 0 or request.estimate == 0:
            return
        self._uneven += _WEIGHT * (min(1.0, abs(cost / request.estimate - 1)) - self._uneven)

    def next_session(self, now: float, estimate: float) -> float | None:
        """No request of the next session should start before this instant; None: it may start at once.

        The next session knows nothing of the requests of this one, which may have started later than their capacity was
        available. `estimate`: of a request.
        """
        if not self._started or self.is_uneven:
            return None
        last = self._started[-1]
        due = max(self.due_at(now, estimate), last.at + last.cost)
        return due if due > now else None

    def due_at(self, now: float, estimate: float) -> float:
        """The earliest instant from `now` on at which a request that costs `estimate` fits."""
        if estimate < _LARGE_MS or self.is_uneven:
            return now
        most = max(1, math.floor(_MOST_MS / estimate))
        # The window is a little longer than a second. That must not delay requests that fill a second exactly.
        window = min(_WINDOW_MS, 0.99 * most * estimate)
        enough = max(_MOST_MS, (1 + _NOTHING) * estimate) + _INEXACT * estimate
        total, count = estimate, 0
        for request in reversed(self._started):
            if request.cost == 0:
                continue
            total += request.cost
            # The last page of a unit may be tiny compared with the others.
            if request.cost > _NOTHING * estimate:
                count += 1
            if count >= most:
                return max(now, request.at + window)
            if total > enough:
                return max(now, request.at + _WINDOW_MS)
        return now
