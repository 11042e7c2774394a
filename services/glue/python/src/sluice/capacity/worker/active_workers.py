"""How many workers share the limit. See shared/capacity/worker/activeWorkers.ts.

The ledger item counts workers in and out, which is right at once when they join or leave, but stays too high when one
crashes. The count of reservations is the other source: workers take turns, so the turns of all, divided by a worker's
own turns, give the number of active workers.
"""

from __future__ import annotations

import math

from sluice.capacity.ledger.item import LedgerItem

_TURNS = 32
"""Own turns to wait for before judging. With fewer, a worker that was lucky a few times would misjudge the others."""


class ActiveWorkers:
    def __init__(self) -> None:
        self.count: float = 1
        """Best guess, at least 1."""
        self.correction: float | None = None
        """Set when the item's own number is wrong: what to write there with the next reservation."""
        self._since: float | None = None
        self._turns = 0
        self._least: float = 0
        """The lowest and highest number in the item since the count began. Workers come and go as invocations end."""
        self._most: float = 0

    def see(self, item: LedgerItem) -> None:
        """Call this after any look at the item."""
        self.count = max(1, item.workers) if self.correction is None else self.correction

    def turn(self, item: LedgerItem, steady: bool) -> None:
        """A counted reservation of this worker was granted.

        `steady`: this worker had work all the time since the one before.
        """
        self.correction = None
        if self._since is None or not steady:
            self._restart(item)
        else:
            self._least = min(self._least, item.workers)
            self._most = max(self._most, item.workers)
            self._turns += 1
            if self._turns == _TURNS:
                self._judge(item, max(1, math.floor((item.reservations - self._since) / _TURNS + 0.5)))
                self._restart(item)
        self.see(item)

    def _judge(self, item: LedgerItem, active: int) -> None:
        """Downwards by half at a time, because workers that had more turns than others judge first."""
        if active > 3 * self._most + 2:
            self.correction = active
        elif self._least > 2 * active + 2:
            self.correction = max(active, math.ceil(item.workers / 2))

    def _restart(self, item: LedgerItem) -> None:
        self._since = item.reservations
        self._least = item.workers
        self._most = item.workers
        self._turns = 0
