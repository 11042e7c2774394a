"""The ledger as one worker sees it: the item as last seen, and the worker's updates.

Each update also reports what the worker knows: the costs of its requests, unspent credit, a better number of workers.
Methods that call the ledger belong in a flow (see scheduler.py). See shared/capacity/worker/ledgerView.ts.
"""

from __future__ import annotations

import math
from dataclasses import replace

from sluice.capacity.ledger.item import LedgerItem
from sluice.capacity.ledger.ledger import Ledger, Reservation, ReserveRequest, idle_start
from sluice.capacity.metering import same_limits
from sluice.capacity.worker import pace
from sluice.capacity.worker.cost_estimate import CostEstimate
from sluice.capacity.worker.fair_share import FairShare
from sluice.capacity.worker.scheduler import Scheduler
from sluice.capacity.worker.slice_account import SliceAccount

_FRESH_MS = 40
"""A look at the item is fresh for this long: hardly any other worker has reserved since."""
FEW_MS = 20
"""Requests that cost at least this are so few that a slice is for a single one, or for very few."""
_LARGE_MS = 50
"""A slice of at least this size is noticeable within a second."""
_LITTLE_MS = 100
"""Workers that spend less than this in a second, all together, use little of the limit."""
_QUIET_MS = 250
"""A worker that has spent nothing for this long makes a request now and then."""
_IDLE_MS = 300
"""For this long, an idle ledger is expected to stay idle."""


class LedgerView:
    def __init__(
        self, ledger: Ledger, scheduler: Scheduler, account: SliceAccount, estimate: CostEstimate, fair: FairShare
    ) -> None:
        self.item: LedgerItem | None = None
        """As last seen; None before the first look."""
        self.seen_at = 0.0
        """When that was."""
        self.granted_until = 0.0
        """End of the last slice granted."""
        self._ledger = ledger
        self._scheduler = scheduler
        self._account = account
        self._estimate = estimate
        self._fair = fair
        self.found_idle = False
        """Nothing was promised when the last reservation was granted, so its slice began as early as it may."""
        self._counted = False
        """This worker is among the item's `workers`."""

    @property
    def known(self) -> LedgerItem:
        """The item, after the first look."""
        assert self.item is not None
        return self.item

    def join(self) -> LedgerItem:
        item = self._scheduler.unlocked(self._ledger.join)
        self._counted = True
        return self._see(item)

    def look(self) -> LedgerItem:
        return self._see(self._scheduler.unlocked(self._ledger.read))

    def fresh(self, now: float) -> bool:
        """Whether the item was seen just now."""
        return now - self.seen_at < _FRESH_MS

    def reserve(self, span: float, horizon: float, counted: bool, cost_known: bool | None = None) -> Reservation:
        """Asks for a slice, and adds it to the account if granted."""
        now = self._scheduler.now()
        request = ReserveRequest(
            now=now,
            span=span,
            horizon=horizon,
            counted=counted,
            cost_known=cost_known,
            costs=self._estimate.take_untold(),
            returned=self._account.take_voided(now, 0),
            workers=self._fair.workers.correction,
            joins=not self._counted,
            past=self.past(),
            early=self._uses_little(),
            expect_idle=self._expects_idle(now),
        )
        result = self._scheduler.unlocked(lambda: self._ledger.reserve(request))
        if result.granted:
            self._counted = True
        else:
            self._estimate.put_back(request.costs)
            self._account.put_back_voided(request.returned)
        self._see(result.item)
        self.found_idle = result.granted and abs(result.start - idle_start(request)) < 1
        if result.granted:
            self.granted_until = result.item.until
            self._fair.owed -= span
            self._account.grant(result.start, span)
        return result

    def give_back(self, ms: float, if_until: float | None = None) -> None:
        """Gives back `ms` that were reserved and not spent; below 0, takes more.

        `if_until`: see `Ledger.leave`.
        """
        costs = self._estimate.take_untold()
        self._see(self._scheduler.unlocked(lambda: self._ledger.adjust(-ms, costs, if_until)))

    def give_back_all(self) -> float:
        """Gives back all unspent credit, or adds the debt to the ledger. Returns the amount."""
        held = self._account.clear()
        self.give_back(held, self._if_last(held))
        return held

    def report_throttle(self, now: float) -> None:
        expected = self.known
        self._see(self._scheduler.unlocked(lambda: self._ledger.throttled(now, expected)))

    def leave(self, not_before: float | None) -> None:
        """Counts this worker out, gives back what it holds and reports its costs.

        `not_before`: a lone worker leaves so much promised that the next worker's first request, `DELAY_MS` after its
        slice begins, does not start before this.
        """
        if not self._counted:
            return
        unspent = self._account.clear()
        if self._fair.workers.count == 1:
            earliest = -math.inf if not_before is None else not_before - pace.DELAY_MS
            unspent = min(unspent, self.known.until - earliest)
        costs, if_until = self._estimate.take_untold(), self._if_last(unspent)
        self._scheduler.unlocked(lambda: self._ledger.leave(unspent, costs, if_until))

    def past(self) -> float:
        """How long ago a slice may begin."""
        cost = self._estimate.ms
        crowded = cost is not None and self._fair.crowded(cost)
        return pace.PAST_MS if crowded or self._uses_little() else 0.0

    def _uses_little(self) -> bool:
        """Whether the worker makes a request now and then, which need not wait. This isn't so

        - before its first slice: others may still spend the credit that the job's very first request gave back;
        - if a request costs a good part of a second;
        - while its requests follow one another: a slice that begins earlier also ends earlier, so it would visit the
          ledger more often.
        """
        cost = self._estimate.ms
        if self.granted_until == 0 or cost is None or cost >= _LITTLE_MS or self._fair.crowded(cost):
            return False
        now = self._scheduler.now()
        if self._account.spent_in_second(now) >= _LITTLE_MS / self._fair.workers.count:
            return False
        last_spent_at = self._account.last_spent_at
        return last_spent_at is None or now - last_spent_at >= _QUIET_MS

    def _if_last(self, held: float) -> float | None:
        """A large slice is given back only if nobody has reserved behind it.

        Otherwise it would be granted again on top of those reservations.
        """
        large = held > 0 and ((self._estimate.ms or 0) >= FEW_MS or held >= _LARGE_MS)
        return self.granted_until if large else None

    def _expects_idle(self, now: float) -> bool:
        """The ledger's state at the last look; a lone worker knows the current one."""
        recent = now - self.seen_at < (_IDLE_MS if self.found_idle else _FRESH_MS)
        return self.known.until < now - self.past() and (self._fair.workers.count <= 1 or recent)

    def _see(self, found: LedgerItem) -> LedgerItem:
        item = found if self._counted else replace(found, workers=found.workers + 1)
        before = self.item
        if before is not None and not same_limits(before.limits, item.limits):
            self._estimate.restart()
        if before is None or _changed(before, item):
            self._fair.steadiness.stir()
        self._estimate.see(item)
        self.seen_at = self._scheduler.now()
        if before is not None and item.workers > before.workers:
            self._account.make_room(self.seen_at)
        self.item = item
        self._fair.workers.see(item)
        return item


def _changed(before: LedgerItem, after: LedgerItem) -> bool:
    """Whether workers came or went, or the limits in force changed."""
    return (
        before.workers != after.workers
        or before.paused != after.paused
        or before.factor_at != after.factor_at
        or not same_limits(before.limits, after.limits)
    )
