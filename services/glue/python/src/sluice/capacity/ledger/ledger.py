"""The ledger: one item from which all workers of a job reserve slices of capacity, measured in time.

      past                      now                         until            until + span
      ───────────────────────────┼─────────── promised ───────┼──── this slice ────┤
                                 └────────── queue ───────────┘

A reservation moves `until` forward by its span, in one conditional update, and its slice starts where `until` was. So
slices tile the time line without gap or overlap; an idle ledger (`until` in the past) grants from now.
shared/capacity/ledger/ledger.ts explains more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sluice.capacity.ledger.item import (
    Amount,
    CostTotals,
    LedgerChange,
    LedgerItem,
    LedgerStore,
    Requirements,
)
from sluice.capacity.ledger.pause import pause_change
from sluice.capacity.ledger.throttle import THROTTLE_INTERVAL_MS, factor_after_throttle
from sluice.capacity.metering import CapacityLimits, check_limits, cost_ratio, same_limits
from sluice.errors import SluiceError

_LONGEST_SLICE_MS = 1300
"""The most that a single worker reserves ahead for small requests. Only large requests get more."""
_COMPUTED_WEIGHT = 0.25
"""After a change of limits the average cost counts as this part of a request, until pages show the real cost."""
_LARGE_MS = 50
"""Under the new limits requests of pages cost at least this."""
_LONGEST_RESCALED_MS = 1500
"""New limits are in force within two seconds; this leaves a reservation its time."""


@dataclass(frozen=True)
class ReserveRequest:
    now: float
    """The worker's clock."""
    span: float
    """How much to reserve, in milliseconds of account time. Above 0."""
    horizon: float
    """Refuse if capacity is promised further ahead than this. 0: grant only if the ledger is idle."""
    counted: bool
    """False for a reservation beyond the fair share: such a reservation is not counted as a sign of an active
    worker."""
    expect_idle: bool
    """Expect an idle ledger: nothing promised beyond now. A wrong expectation costs a second update."""
    past: float = 0.0
    """How far in the past the slice may begin, if nothing later is promised."""
    early: bool = False
    """An idle ledger grants from `past` ago on, not from now on."""
    cost_known: bool | None = None
    """Refuse unless the average cost of a request is known (true) or unknown (false). None: either will do."""
    joins: bool = False
    """Counts the worker in, too."""
    costs: CostTotals | None = None
    """Cost of own requests since the last update that reported it, to be added to the totals."""
    returned: float = 0.0
    """Unspent credit that goes back with this reservation, milliseconds."""
    workers: float | None = None
    """A corrected number of workers, if the ledger's own is wrong."""


@dataclass(frozen=True)
class Reservation:
    granted: bool
    item: LedgerItem
    start: float = 0.0
    """When the slice begins, if it was granted."""


class Ledger:
    """Every item that it returns is `paused` if the whole ledger is paused, or if this member is.

    `member`: name under which a job shares this ledger with others, unique among them. Each member can be paused by
    itself. None: the ledger serves one job.

    Every method raises what its store raises, and SluiceError `capacity.ledger-missing` where there is no item.
    """

    def __init__(self, store: LedgerStore, member: str | None = None) -> None:
        self._store = store
        self._member = member

    def create(self, limits: CapacityLimits, now: float) -> bool:
        """Creates the ledger's item, with nothing promised beyond `now`, unless it exists. True when this call created
        it."""
        check_limits(limits)
        return self._store.create(
            LedgerItem(
                until=now,
                reservations=0,
                workers=0,
                cost_sum=0,
                cost_count=0,
                limits=limits,
                paused=False,
                factor=1,
                factor_at=0,
            )
        )

    def read(self) -> LedgerItem:
        """The item, consistently read."""
        return self._seen(self._store.read())

    def configure(self, limits: CapacityLimits, now: float) -> LedgerItem:
        """Changes the limits of a running job.

        Existing promises shrink or grow with the limits. Otherwise a job that was very slow would have to wait for its
        old promises after it was sped up. See ledger.ts.
        """
        check_limits(limits)
        item = self.read()
        if same_limits(item.limits, limits):
            return item
        ratio = cost_ratio(item.limits, limits)
        cost = _computed_cost(item, ratio)
        promised = max(0.0, item.until - now)
        until = 0.0 if _charged_in_full(item, cost, ratio) else _rescaled(promised, ratio) - promised
        costs = {} if cost is None else vars(cost)
        return self._change(LedgerChange(set={"limits": limits, **costs}, add={"until": until}))

    def pause(self, paused: bool) -> LedgerItem:
        """Stops (true) or resumes granting, only for this member if the ledger is shared.

        Workers may go on spending a granted slice for up to a second.
        """
        return self._change(pause_change(paused, self._member))

    def join(self) -> LedgerItem:
        """Counts this worker in. The answer's `workers` is its rank among those that came at the same time."""
        return self._change(LedgerChange(add={"workers": 1}))

    def leave(self, unspent: float, costs: CostTotals | None = None, if_until: float | None = None) -> LedgerItem:
        """Counts this worker out and gives `unspent` milliseconds back (negative: takes a debt along).

        `costs`: the cost of own requests since the last update that reported costs. `if_until`: gives back only if the
        ledger's `until` still has this value. Otherwise another worker's slice follows, and the time that is given back
        would be granted again and spent at the same time as that slice.
        """
        return self._give_back(unspent, {**_amounts_of(costs), "workers": -1}, if_until)

    def adjust(self, ms: float, costs: CostTotals | None = None, if_until: float | None = None) -> LedgerItem:
        """Corrects the promise once the true cost of requests is known.

        `ms` above 0 was spent without a reservation; `ms` below 0 was reserved and not spent. `costs` and `if_until`:
        as for `leave`.
        """
        return self._give_back(-ms, _amounts_of(costs), if_until)

    def reserve(self, request: ReserveRequest) -> Reservation:
        """Reserves a slice.

        One conditional update; two when the ledger is idle but was expected to be busy, or the other way round.
        """
        idle_only = request.horizon <= -request.past
        busy_first = not idle_only and not request.expect_idle
        busy = _busy_change(request, self._member)
        idle = _idle_change(request, self._member)
        first, second = (busy, idle) if busy_first else (idle, busy)
        result = self._store.update(first)
        item = self._seen(result.item)
        if result.applied:
            return _granted(item, request, busy_first)
        if idle_only or not _admits(item, request, second.require):
            return Reservation(False, item)
        again = self._store.update(second)
        after = self._seen(again.item)
        return _granted(after, request, not busy_first) if again.applied else Reservation(False, after)

    def throttled(self, now: float, expected: LedgerItem) -> LedgerItem:
        """Reports throttled requests: lowers the limits in force for everybody, at most once a second."""
        latest = now - THROTTLE_INTERVAL_MS
        if expected.factor_at > latest:
            return expected
        factor = factor_after_throttle(expected, now)
        require = Requirements(factor_at_to=latest)
        return self._change(LedgerChange(require, set={"factor": factor, "factor_at": now}))

    def _give_back(self, unspent: float, besides: Mapping[Amount, float], if_until: float | None) -> LedgerItem:
        """`besides` is added whatever the ledger's state."""
        add: dict[Amount, float] = {**besides, "until": -unspent}
        if if_until is None:
            return self._change(LedgerChange(add=add))
        require = Requirements(until_from=if_until, until_to=if_until)
        result = self._store.update(LedgerChange(require, add=add))
        # DynamoDB refuses an update that changes nothing.
        is_all = result.applied or not besides
        return self._seen(result.item) if is_all else self._change(LedgerChange(add=besides))

    def _change(self, change: LedgerChange) -> LedgerItem:
        return self._seen(self._store.update(change).item)

    def _seen(self, item: LedgerItem | None) -> LedgerItem:
        if item is None:
            raise SluiceError("capacity.ledger-missing", "ledger: the item must exist, found none")
        if self._member is None or item.paused:
            return item
        return replace(item, paused=True) if self._member in item.paused_members else item


def _rescaled(promised: float, ratio: float) -> float:
    """How long `promised` milliseconds last if everything costs `ratio` times as much."""
    if promised > _LONGEST_SLICE_MS:
        return ratio * promised
    return min(ratio * promised, max(promised, _LONGEST_RESCALED_MS))


def _computed_cost(item: LedgerItem, ratio: float) -> CostTotals | None:
    """The average cost if everything costs `ratio` times as much."""
    if item.cost_count == 0:
        return None
    return CostTotals(_COMPUTED_WEIGHT * ratio * item.cost_sum / item.cost_count, _COMPUTED_WEIGHT)


def _charged_in_full(item: LedgerItem, cost: CostTotals | None, ratio: float) -> bool:
    """Whether workers will charge the current promises by the new, lower limits.

    If several workers read pages, each learns of the new limits before its page is done. A single worker spends a slice
    of up to a second before it looks again.
    """
    return item.workers > 1 and ratio > 1 and cost is not None and cost.cost_sum / cost.cost_count >= _LARGE_MS


def _busy_change(request: ReserveRequest, member: str | None) -> LedgerChange:
    """Grants behind what is promised: `now - past ≤ until ≤ now + horizon`."""
    until_from, until_to = request.now - request.past, request.now + request.horizon
    return LedgerChange(
        replace(_common(request, member), until_from=until_from, until_to=until_to),
        set=_notes(request),
        add={**_amounts(request), "until": request.span - request.returned},
    )


def _idle_change(request: ReserveRequest, member: str | None) -> LedgerChange:
    """Grants from now, or from `past` ago if `early`: `until < now - past`. Capacity that is given back is then lost,
    because unused time is never saved up."""
    return LedgerChange(
        replace(_common(request, member), until_before=request.now - request.past),
        set={**_notes(request), "until": idle_start(request) + request.span},
        add=_amounts(request),
    )


def idle_start(request: ReserveRequest) -> float:
    """When a slice that an idle ledger grants begins."""
    return request.now - request.past if request.early else request.now


def _common(request: ReserveRequest, member: str | None) -> Requirements:
    return Requirements(unpaused=True, member_unpaused=member, cost_known=request.cost_known)


def _amounts(request: ReserveRequest) -> dict[Amount, float]:
    amounts = _amounts_of(request.costs)
    if request.counted:
        amounts["reservations"] = 1
    if request.joins:
        amounts["workers"] = 1
    return amounts


def _amounts_of(costs: CostTotals | None) -> dict[Amount, float]:
    return {} if costs is None else {"cost_sum": costs.cost_sum, "cost_count": costs.cost_count}


def _notes(request: ReserveRequest) -> dict[str, float]:
    return {} if request.workers is None else {"workers": request.workers}


def _admits(item: LedgerItem, request: ReserveRequest, other: Requirements) -> bool:
    """Whether the other form of a refused update could succeed on the item that the refusal returned."""
    known = item.cost_count > 0
    if item.paused or (request.cost_known is not None and request.cost_known != known):
        return False
    if other.until_before is not None:
        return item.until < other.until_before
    return request.now - request.past <= item.until <= request.now + request.horizon


def _granted(item: LedgerItem, request: ReserveRequest, busy: bool) -> Reservation:
    returned = request.returned if busy else 0.0
    return Reservation(True, item, item.until - request.span + returned)
