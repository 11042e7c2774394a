"""A limiter's work, from `open` to `close`. The same as `Session` in shared/capacity/worker/limiter.ts.

It is driven by events and never blocks: requests that have to wait are called back. limiter.py gives it threads.
"""

from __future__ import annotations

import logging
import math
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from sluice.capacity.ledger.ledger import Ledger
from sluice.capacity.ledger.throttle import factor_at
from sluice.capacity.metering import NOTHING, CapacityLimits, Consumption, add_consumption, same_limits
from sluice.capacity.worker import pace
from sluice.capacity.worker.cost_estimate import CostEstimate
from sluice.capacity.worker.demand import Demand
from sluice.capacity.worker.full_second import FullSecond, Started
from sluice.capacity.worker.joint_cost import JointCost
from sluice.capacity.worker.reserver import Reserver
from sluice.capacity.worker.scheduler import Scheduler
from sluice.capacity.worker.slice_account import SliceAccount
from sluice.errors import SluiceError

_log = logging.getLogger("sluice")

_MOST_BEHIND = 3
"""The most by which a resource that few requests use lies behind the others: this many requests of average cost,"""
_MOST_BEHIND_MS = 200
"""and this many milliseconds over all workers, because it may exceed its limit by that. See joint_cost.py."""
_LONGEST_ALONE_MS = 1_000
"""If a worker's first request takes longer than this, others follow."""


@dataclass(frozen=True)
class SessionOptions:
    """The options of CapacityLimiter."""

    ledger: Ledger
    limits: CapacityLimits | None = None
    when_paused: Literal["wait", "reject"] = "wait"
    longest_wait_ms: float = math.inf
    pause_ms: float = 0.0
    on_ledger_error: Callable[[Exception], None] | None = None
    random: Callable[[], float] | None = None


class Turn(Protocol):
    """A request that waits. One of the two is called, with the session's lock held."""

    def granted(self, permit: Permit) -> None: ...

    def refused(self, error: Exception) -> None: ...


class Permit:
    """Permission for one attempt of one request. Exactly one of its methods is called when the attempt is over."""

    __slots__ = ("_estimated", "_session", "_started", "asked")

    def __init__(self, session: Session, estimated: float, started: Started) -> None:
        self.asked = session.limits
        """The limits that were known when the permit was asked for."""
        self._session = session
        self._estimated = estimated
        self._started = started

    def charge(self, consumption: Consumption) -> None:
        """The attempt consumed this."""
        with self._session.lock:
            self._session.charge(self.asked, self._estimated, self._started, consumption)

    def keep(self) -> None:
        """The attempt's consumption is unknown, for example after a timeout: the estimate stands."""
        with self._session.lock:
            self._session.end(self._estimated, self._started, self._estimated)

    def release(self) -> None:
        """The attempt consumed nothing: throttled, or refused before it reached the table."""
        with self._session.lock:
            self._session.end(self._estimated, self._started, 0.0)


class Session:
    """All methods are called with the scheduler's lock held."""

    def __init__(self, options: SessionOptions, deadline: float, scheduler: Scheduler) -> None:
        self.lock = scheduler.lock
        self.spent_ms = 0.0
        """Account time charged, milliseconds."""
        self.consumed = NOTHING
        """The same in capacity units."""
        self._options = options
        self._deadline = deadline
        self._scheduler = scheduler
        self._account = SliceAccount(pace.DELAY_MS, pace.GRACE_MS, self._blur_ms)
        self._estimate = CostEstimate()
        self._second = FullSecond()
        self._joint = JointCost()
        self._queue: OrderedDict[Turn, CapacityLimits | None] = OrderedDict()
        """Requests that wait, first come, first served, with the limits that were known when they came."""
        self._demand = Demand(scheduler.now(), options.pause_ms)
        self._reserver = Reserver(
            ledger=options.ledger,
            scheduler=scheduler,
            random=options.random or random.random,
            account=self._account,
            estimate=self._estimate,
            demand=self._demand,
            counted_late=options.longest_wait_ms != math.inf,
            changed=self._look,
            failed=self._report,
        )
        self._wake_at = math.inf
        self._in_flight = 0
        self._first_at = 0.0
        """When the first of the requests in flight started."""
        self._joining = False
        """A flow is under way that joins the other workers."""
        self._joined = False
        self._closed = False
        self._on_joined: Callable[[], None] | None = None

    @property
    def limits(self) -> CapacityLimits | None:
        item = self._reserver.item
        return None if item is None else item.limits

    @property
    def waited_ms(self) -> float:
        return self._demand.held_up_ms(self._scheduler.now())

    @property
    def request_ms(self) -> float | None:
        return self._demand.request_ms

    def ask(self) -> Permit | None:
        """A permit, or None if the request has to wait: call `queue` then. Raises `capacity.deadline` or
        `capacity.paused`."""
        now = self._scheduler.now()
        if self._closed:
            raise _closed_error()
        if now >= self._deadline:
            raise _deadline_error(self._deadline)
        if self._turns_away():
            self._reserver.wake(False)
            raise _paused_error()
        self._demand.arrive(now)
        if not self._queue and self._due_at(now) <= now:
            permit = self._start(now)
            self._count_demand(now)
            return permit
        return None

    def queue(self, turn: Turn) -> None:
        """Calls `turn` back later. Call this right after `ask`."""
        self._queue[turn] = self.limits
        self._count_demand(self._scheduler.now())
        if not self._joined and not self._joining:
            self._joining = True
            self._scheduler.start(self._join)
        self._pump()

    def give_up(self, turn: Turn) -> None:
        """Takes back a request, unless it has been called back already."""
        if turn in self._queue:
            del self._queue[turn]
            self._count_demand(self._scheduler.now())

    def throttled(self) -> None:
        self._reserver.report_throttle()

    def extend(self, deadline: float) -> None:
        """Lets requests pass until another deadline, in place of the one before."""
        self._deadline = deadline
        if self._joined or self._joining:
            self._watch_deadline()

    def close(self, done: Callable[[Exception | None], None]) -> None:
        """Turns away all that wait and leaves the ledger. `done` is called at the end, with the error if there was
        one."""
        self._closed = True
        self._reject_all(_closed_error())

        def leave() -> None:
            self._reserver.leave(self._next_session(), done)

        if self._joining:
            self._on_joined = leave
        else:
            leave()

    def charge(
        self, asked: CapacityLimits | None, estimated: float, started: Started, consumption: Consumption
    ) -> None:
        """See `Permit.charge`."""
        now = self._scheduler.now()
        cost = self._cost_of(consumption, now)
        self.spent_ms += cost
        self.consumed = add_consumption(self.consumed, consumption)
        probed = self._estimate.ms is None
        # A page that was requested under other limits has the size that suited those. So it doesn't predict the next
        # one.
        if probed or self._are_still(asked):
            self._estimate.observe(cost)
        self._finish(estimated, started, cost, now)
        if probed or self._in_flight == 0:
            self._reserver.settle(probed, self._second.is_uneven)
        self._pump()

    def end(self, estimated: float, started: Started, cost: float) -> None:
        """See `Permit.keep` and `Permit.release`."""
        self._finish(estimated, started, cost, self._scheduler.now())
        self._pump()

    def _blur_ms(self) -> float:
        return pace.UNEVEN_BLUR_MS if self._second.is_uneven else pace.BLUR_MS

    def _finish(self, estimated: float, started: Started, cost: float, now: float) -> None:
        self._account.charge(cost - estimated, now)
        self._second.end(started, cost)
        self._in_flight -= 1
        self._count_demand(now, 1)

    def _join(self) -> None:
        self._watch_deadline()
        ledger, limits, now = self._options.ledger, self._options.limits, self._scheduler.now()
        try:
            if limits is not None:
                self._scheduler.unlocked(lambda: ledger.create(limits, now))
            self._reserver.join()
            self._joined = True
        except Exception as error:
            self._report(error)
            self._reject_all(error)
        self._joining = False
        if self._on_joined is not None:
            self._on_joined()

    def _watch_deadline(self) -> None:
        if self._deadline != math.inf:
            self._scheduler.call_at(self._deadline, self._at_deadline)

    def _at_deadline(self) -> None:
        # It may have been extended since.
        if self._scheduler.now() >= self._deadline:
            self._reject_all(_deadline_error(self._deadline))

    def _report(self, error: Exception) -> None:
        """Within a flow."""
        on_ledger_error = self._options.on_ledger_error
        if on_ledger_error is None:
            return
        try:
            self._scheduler.unlocked(lambda: on_ledger_error(error))
        except Exception:
            # It must not raise. If it ended the visit, nobody would begin another, and `close` would wait for ever.
            _log.exception("on_ledger_error failed with an error of its own")

    def _turns_away(self) -> bool:
        item = self._reserver.item
        return self._options.when_paused == "reject" and item is not None and item.paused

    def _look(self) -> None:
        """After a look at the ledger."""
        if self._turns_away():
            self._reject_all(_paused_error())
        self._pump()

    def _reject_all(self, error: Exception) -> None:
        if not self._queue:
            return
        turns = list(self._queue)
        self._queue.clear()
        for turn in turns:
            turn.refused(error)
        # A request that is turned away no longer counts as demand. Otherwise the worker would reserve for it for ever.
        self._count_demand(self._scheduler.now())

    def _due_at(self, now: float) -> float:
        """When the next request may start. A worker's first request goes alone: it shows what the others will cost."""
        item = self._reserver.item
        if item is None or item.paused:
            return math.inf
        ms = self._estimate.ms
        if ms is None:
            return self._account.due_at(now, 1, 0.5) if self._in_flight == 0 else math.inf
        crowded = self._reserver.crowded(ms)
        few = self._reserver.workers if self._reserver.few and not crowded else None
        due = self._account.due_at(now, ms, pace.held_to_start(ms, crowded), few)
        if due == math.inf:
            return due
        due = self._second.due_at(due, ms)
        if self._in_flight == 0 or self._estimate.knows_own:
            return due
        return max(self._first_at + _LONGEST_ALONE_MS, due)

    def _next_session(self) -> float | None:
        ms = self._estimate.ms
        return None if ms is None else self._second.next_session(self._scheduler.now(), ms)

    def _turns_away_until(self, due: float, now: float) -> bool:
        """Turns all waiting requests away if the first cannot start soon. `due`: when it can start with the credit
        held."""
        longest = self._options.longest_wait_ms
        if longest == math.inf:
            return False
        starts_at = due if due != math.inf else self._reserver.starts_at(now, self._next_session())
        if starts_at is None or starts_at - now <= longest:
            return False
        self._reject_all(_later_error(starts_at))
        return True

    def _pump(self) -> None:
        """Starts whatever may start, and sets the alarm for the next."""
        while self._queue and not self._closed:
            now = self._scheduler.now()
            due = self._due_at(now)
            if due > now:
                if self._turns_away_until(due, now):
                    return
                if due < math.inf:
                    self._pump_at(due)
                else:
                    self._reserver.wake(True)
                return
            turn, asked = self._queue.popitem(last=False)
            permit = self._start(now)
            permit.asked = asked
            self._count_demand(now)
            turn.granted(permit)

    def _pump_at(self, at: float) -> None:
        if at >= self._wake_at:
            return
        self._wake_at = at

        def wake() -> None:
            if self._wake_at == at:
                self._wake_at = math.inf
                self._pump()

        self._scheduler.call_at(at, wake)

    def _start(self, now: float) -> Permit:
        estimated = self._estimate.charge_at_start
        if self._in_flight == 0:
            self._first_at = now
        self._account.charge(estimated, now)
        started = self._second.start(now, estimated)
        self._in_flight += 1
        self._reserver.wake(False)
        return Permit(self, estimated, started)

    def _cost_of(self, consumption: Consumption, now: float) -> float:
        item = self._reserver.item
        assert item is not None
        most = min(_MOST_BEHIND * (self._estimate.ms or 0.0), _MOST_BEHIND_MS / self._reserver.workers)
        return self._joint.add(consumption, item.limits, factor_at(item, now), most)

    def _are_still(self, asked: CapacityLimits | None) -> bool:
        limits = self.limits
        return asked is limits or asked is None or limits is None or same_limits(asked, limits)

    def _count_demand(self, now: float, finished: int = 0) -> None:
        self._demand.change(now, len(self._queue), self._in_flight, finished)


def _closed_error() -> SluiceError:
    return SluiceError("capacity.closed", "limiter: was closed while requests waited")


def _paused_error() -> SluiceError:
    return SluiceError("capacity.paused", "limiter: the ledger must not be paused, but it is", retryable=True)


def _later_error(starts_at: float) -> SluiceError:
    message = "limiter: capacity must come free within the longest wait, but comes later"
    return SluiceError("capacity.later", message, value=starts_at, retryable=True)


def _deadline_error(deadline: float) -> SluiceError:
    message = "limiter: capacity must come free before the deadline, but did not"
    return SluiceError("capacity.deadline", message, value=deadline, retryable=True)
