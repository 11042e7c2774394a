"""The time between a worker's visits to the ledger. See shared/capacity/worker/steadiness.ts.

At a steady rate few workers visit once a second. After any change, and after they were late, they visit four times a
second again. The period is never longer than the time in which the worker can spend a slice.
"""

from __future__ import annotations

import math

from sluice.capacity.worker import pace

_LATE_AGAIN_MS = 30_000
"""A worker that was late is expected to be late again within this time: it has gaps between its pages."""


class Steadiness:
    def __init__(self) -> None:
        self._late_until = -math.inf
        self._calm_ms: float = pace.SHORTEST_PERIOD_MS
        self._spendable_ms = math.inf

    def calm(self, now: float) -> None:
        """A visit found no change: the next visit may be later."""
        longest = pace.SHORTEST_PERIOD_MS if now < self._late_until else pace.LONGEST_PERIOD_MS
        self._calm_ms = min(2 * self._calm_ms, longest)

    def late(self, now: float) -> None:
        """The worker holds credit that it should have spent some time ago, and spends it late."""
        self._late_until = now + _LATE_AGAIN_MS

    def hasten(self) -> None:
        """Capacity lay idle for a moment."""
        self._calm_ms = max(self._calm_ms / 2, pace.SHORTEST_PERIOD_MS)

    def stir(self) -> None:
        """Something has changed: other workers, other limits, capacity that lies idle, credit that was not spent."""
        self._calm_ms = pace.SHORTEST_PERIOD_MS

    def spends(self, pace_ms: float, workers: float, cost: float) -> None:
        """`pace_ms`: account time that the worker could spend in a millisecond; `workers`: that share the limit.

        `cost`: of a request, milliseconds of account time. Credit for one request never becomes void; if there are more
        than a few workers, slices rely on that.
        """
        kept = cost if workers > pace.FEW_WORKERS else 0.0
        self._spendable_ms = workers * (pace.longest_span_ms(pace_ms, workers == 1) + kept)

    def period_ms(self, workers: float, few: bool) -> float:
        """How long one of `workers` goes from one counted slice to the next. `few`: see `pace.are_few`."""
        shortest = pace.period_ms(workers)
        return max(shortest, min(self._calm_ms, self._spendable_ms)) if few else shortest
