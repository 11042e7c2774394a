"""When a worker visits the ledger: one visit at a time, each planned by the one before or by new work."""

from __future__ import annotations

import math
from collections.abc import Callable

from sluice.capacity.worker.scheduler import Scheduler


class Visits:
    """`visit` returns the time of the next one, infinity for none; it does not raise.

    `after`: called once the next visit is planned, so that work that came during the visit can plan an earlier one.
    """

    def __init__(self, scheduler: Scheduler, visit: Callable[[], float], after: Callable[[], None]) -> None:
        self.began_at = -math.inf
        """When the last one began."""
        self.stopped = False
        self._scheduler = scheduler
        self._visit = visit
        self._after = after
        self._next_at = math.inf
        """When the next one is planned; infinity when none is, minus infinity while one is under way."""
        self._stopped_then: Callable[[], None] | None = None

    @property
    def dormant(self) -> bool:
        """No visit is planned or under way."""
        return self._next_at == math.inf

    def plan(self, at: float) -> None:
        """Plans a visit, unless an earlier one is planned or one is under way."""
        if self.stopped or at >= self._next_at:
            return
        self._next_at = at
        self._scheduler.call_at(at, lambda: self._due(at))

    def stop(self, then: Callable[[], None]) -> None:
        """Plans no further visits. `then` is called when the one under way is over, or at once."""
        self.stopped = True
        if self._next_at == -math.inf:
            self._stopped_then = then
        else:
            then()

    def _due(self, at: float) -> None:
        if self.stopped or self._next_at != at:
            return
        self.began_at = self._scheduler.now()
        self._next_at = -math.inf
        self._scheduler.start(self._run)

    def _run(self) -> None:
        following = self._visit()
        self._next_at = math.inf
        if math.isfinite(following):
            self.plan(following)
        self._after()
        if self._stopped_then is not None:
            self._stopped_then()
