"""The probable cost of the next request: the average of recent ones, over all workers.

The ledger item holds the sum and the number of all costs so far; each worker adds its own costs with the updates that
it makes anyway. The difference between two looks is the average in between, so old costs are forgotten. See
shared/capacity/worker/costEstimate.ts.
"""

from __future__ import annotations

from sluice.capacity.ledger.item import CostTotals, LedgerItem

_WINDOW = 200
"""A window holds between one and two times this many requests."""
_NEWEST_OWN = 0.1
"""Weight of a worker's newest request in the average of its own."""
_OTHER_KIND = 1.25
"""A worker's own requests are of another kind if they cost more than this many times the average of all."""
_NONE = CostTotals()


class CostEstimate:
    def __init__(self) -> None:
        self.ms: float | None = None
        """Milliseconds of account time; None while it is unknown."""
        self._ratio: float | None = None
        """The cost of own requests as a multiple of the average of all; None before the first."""
        self._untold_sum = 0.0
        self._untold_count = 0.0
        """Own requests that have not been reported to the ledger."""
        self._seen: CostTotals | LedgerItem = _NONE
        self._from: CostTotals | LedgerItem = _NONE
        self._middle: CostTotals | LedgerItem = _NONE
        """Where this window began, and where the next one will."""

    @property
    def charge_at_start(self) -> float:
        """What to charge for a request when it starts, until it is known what it cost, milliseconds.

        If workers share a limit for different requests, those of this worker may cost more than the average.
        """
        ms, ratio = self.ms or 0.0, self._ratio or 1.0
        return ratio * ms if ratio > _OTHER_KIND else ms

    @property
    def knows_own(self) -> bool:
        """Whether one of this worker's own requests has shown what they cost."""
        return self._ratio is not None

    def observe(self, ms: float) -> None:
        """A request cost `ms`. A request without cost is ignored."""
        if ms <= 0:
            return
        newest = ms / (ms if self.ms is None else self.ms)
        self._ratio = newest if self._ratio is None else self._ratio + _NEWEST_OWN * (newest - self._ratio)
        self._untold_sum += ms
        self._untold_count += 1
        self._update()

    def take_untold(self) -> CostTotals | None:
        """Takes out what to add to the ledger's totals; None when there is nothing."""
        if self._untold_count == 0:
            return None
        told = CostTotals(self._untold_sum, self._untold_count)
        self._untold_sum = self._untold_count = 0.0
        return told

    def put_back(self, told: CostTotals | None) -> None:
        """The update that would have reported them was refused."""
        if told is not None:
            self._untold_sum += told.cost_sum
            self._untold_count += told.cost_count

    def see(self, item: LedgerItem) -> None:
        """A look at the ledger item."""
        self._seen = item
        if item.cost_count - self._middle.cost_count >= _WINDOW:
            self._from = self._middle
            self._middle = item
        self._update()

    def restart(self) -> None:
        """Forgets everything older, after the limits (and with them every cost) have changed."""
        self._untold_sum = self._untold_count = 0.0
        self._from = self._middle = _NONE

    def _update(self) -> None:
        count = self._seen.cost_count + self._untold_count - self._from.cost_count
        if count > 0:
            self.ms = (self._seen.cost_sum + self._untold_sum - self._from.cost_sum) / count
