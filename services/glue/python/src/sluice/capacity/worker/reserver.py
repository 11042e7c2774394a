"""How one worker uses the ledger: when to visit, how much to reserve, what to give back.

A worker reserves the whole requests that it is owed (see fair_share.py) at the full horizon, as far as it has work for
them (see demand.py). It may take more when the ledger runs dry (see pace.py), so that no capacity is lost if workers
die, are idle or were miscounted. While the cost of a request is unknown, only one worker at a time makes a request,
with one second reserved for it. The same as shared/capacity/worker/reserver.ts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from sluice.capacity.ledger.item import LedgerItem
from sluice.capacity.ledger.ledger import Ledger, Reservation
from sluice.capacity.worker import pace
from sluice.capacity.worker.cost_estimate import CostEstimate
from sluice.capacity.worker.demand import Demand
from sluice.capacity.worker.fair_share import FairShare
from sluice.capacity.worker.ledger_view import FEW_MS, LedgerView
from sluice.capacity.worker.scheduler import Scheduler
from sluice.capacity.worker.slice_account import SliceAccount
from sluice.capacity.worker.visits import Visits

T = TypeVar("T")

_MOST_EXTRAS = 3
"""Extra slices a worker may take at one visit while the ledger runs dry."""
_DRY_MS = 20
"""Less than this promised ahead means that capacity is being lost."""
_MOST_HASTE = 16
_SHARE_TAKEN = 0.7
"""If this part of a share was taken, one of the others has come."""
_RARE_MS = 100
"""Requests that cost at least this are so rare that a visit after each is no burden."""
_SINGLE_MS = 1000
"""Requests that cost at least this are reserved one by one: no second may hold two."""
_SMALLER = 0.2
"""If a request costs less than its estimate by this part of it, the remainder is a good part of the next request."""
_SMALLEST_CORRECTION_MS = 5
"""Corrections smaller than this are left to the worker's own next reservation."""
_CATCHING_UP_MS = 100
"""A worker that catches up slowly may be this late without being too slow for its share."""
_LATE_MS = 60
"""A worker that catches up slowly counts as late if it is this far behind."""


class Reserver:
    """`random`: between 0 and 1; spreads visits.

    `counted_late`: counts this worker in with its first reservation, not before: a worker that finds nothing to reserve
    writes nothing. `changed`: credit, limits or pause may have changed. `failed`: the ledger cannot be reached or is
    gone; the reserver keeps trying.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        scheduler: Scheduler,
        random: Callable[[], float],
        account: SliceAccount,
        estimate: CostEstimate,
        demand: Demand,
        counted_late: bool,
        changed: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._scheduler = scheduler
        self._random = random
        self._account = account
        self._estimate = estimate
        self._demand = demand
        self._counted_late = counted_late
        self._changed = changed
        self._failed = failed
        self._fair = FairShare()
        self._view = LedgerView(ledger, scheduler, account, estimate, self._fair)
        self._visits = Visits(scheduler, self._visit, changed)
        self._turn_at = -math.inf
        """When the next counted slice should start: one period after the last one did."""
        self._haste = 1.0
        """Visits are this many times as frequent as the number of workers allows; above 1 while capacity lies idle."""
        self._steady = False
        self._unchecked = False
        """With few workers: check whether the others come in time, before the slice reserved last is used up."""
        self._missed = False
        """The others didn't come in time."""
        self._wanted = 0.0
        """The number of requests for which there is work but no credit yet."""
        self._eager = False
        """Requests wait, or had to wait, for the ledger."""
        self._content = False
        """True if the last visit found nothing to reserve."""
        self._throttled = False
        self._failures = 0
        """Visits in a row that did not reach the ledger."""
        self._probed_from = 0.0
        """When the slice of a request of unknown cost began."""
        self._returning = 0.0
        """Credit on its way back to the ledger, which still counts it as promised, milliseconds of account time."""

    @property
    def item(self) -> LedgerItem | None:
        """The ledger item as last seen; None before the first look."""
        return self._view.item

    @property
    def workers(self) -> float:
        """How many workers share the limit, at least 1."""
        return self._fair.workers.count

    @property
    def few(self) -> bool:
        """Whether the workers are few (see pace.py)."""
        return self._fair.few

    def join(self) -> None:
        """Joins the other workers; a flow. First visits are spread, as a thousand may join at the same moment."""
        item = self._view.look() if self._counted_late else self._view.join()
        now = self._scheduler.now()
        self._fair.start(now)
        if self._visits.stopped:
            return
        self._visits.plan(now + pace.first_visit_ms(item.workers))
        self._changed()

    def wake(self, starved: bool) -> None:
        """There is work. `starved`: and there is no credit for it."""
        if self.item is None:
            return
        if self._visits.dormant:
            self._steady = False
            paused_until = self._view.seen_at + pace.PAUSED_LOOK_MS
            soonest = paused_until if self.item.paused else self._turn_at - pace.LEAD_MS
            self._visits.plan(max(self._scheduler.now(), soonest))
        elif starved and self._content:
            soonest = self._visits.began_at + pace.visit_gap_ms(self._fair.workers.count)
            self._visits.plan(max(self._scheduler.now(), soonest))

    def starts_at(self, now: float, not_before: float | None) -> float | None:
        """When a request that has to wait for the ledger could start; None while unknown.

        `not_before`: for a lone worker.
        """
        if self.item is None or self.item.paused:
            return None
        slice_at = max(self.item.until, now - self._view.past())
        if self._estimate.ms is None:
            return slice_at
        starts_at = slice_at + pace.DELAY_MS - self._account.held - self._returning
        return max(starts_at, now if not_before is None else not_before) if self.workers == 1 else starts_at

    def report_throttle(self) -> None:
        """A request was throttled: the next visit reports it to the ledger."""
        self._throttled = True

    def leave(self, not_before: float | None, done: Callable[[Exception | None], None]) -> None:
        """Stops visiting, gives back all unspent credit (also that of a visit under way), counts this worker out.

        `not_before`: when the next request of a worker that follows this one may start. `done` is called at the end,
        with the error if there was one.
        """

        def leave() -> None:
            try:
                self._view.leave(not_before)
            except Exception as error:
                done(error)
            else:
                done(None)

        self._visits.stop(lambda: done(None) if self.item is None else self._scheduler.start(leave))

    def settle(self, probed: bool, uneven: bool) -> None:
        """Called once no request is under way any more. Reports true costs at once if the others have to know them."""
        cost = self._estimate.ms
        if cost is None or self.item is None or self._visits.stopped:
            return
        if probed or self._fair.crowded(cost):
            self._settle_request(probed, cost)
        elif uneven and self._fair.few:
            self._settle_slice(cost)

    def _settle_request(self, probed: bool, cost: float) -> None:
        """If requests are few, the difference between estimate and true cost."""
        held = self._account.held
        whole = 0 if probed or cost >= _SINGLE_MS else max(0, math.floor(held / cost + 0.1))
        off = held - whole * cost
        small = abs(off) < 0.05 * cost or cost < _SMALLEST_CORRECTION_MS
        # A lone worker corrects its promise with its next reservation, unless that would come seconds too late.
        can_wait = self.workers == 1 and not (cost >= _SINGLE_MS and off >= _SMALLER * cost)
        if not probed and (small or can_wait):
            return
        back = self._account.clear() if whole == 0 else off
        if whole > 0:
            self._account.charge(off, self._scheduler.now())
        if probed:
            back -= self._keep_since_probe(back, cost)
        # The others sleep according to the earlier promise: only this worker knows how little is promised now.
        self._correct(back, follow=probed or (cost >= _RARE_MS and back > 0))

    def _keep_since_probe(self, held: float, cost: float) -> float:
        """Keeps what accrued while the cost of a request was found out: nobody else can spend it any more.

        Other workers spend their slices `DELAY_MS` later on average, so beside them it is at most as much. `held`: the
        credit that was taken out of the account. The part that is kept goes back into it.
        """
        now = self._scheduler.now()
        most = pace.PROBE_MS if self.workers == 1 else pace.DELAY_MS
        kept = max(0.0, min(held, now - self._probed_from - cost, most))
        if kept == 0 or not self._fair.few or cost >= FEW_MS or self._fair.crowded(cost):
            return 0.0
        self._account.grant(now - kept - cost, kept + cost)
        self._account.charge(cost, now)
        return kept

    def _settle_slice(self, cost: float) -> None:
        """Once a slice is used up: what is left of it, or the debt.

        The next reservation would make up for it too, but only after up to a second. Until then, a second could exceed
        the limit by what all workers had overspent at its beginning.
        """
        left = self._account.held_of_begun(self._scheduler.now())
        used_up = left < pace.held_to_start(cost, False)
        if not used_up or self.workers == 1:
            return
        if abs(left) < max(_SMALLEST_CORRECTION_MS, _SMALLER * cost):
            return
        self._account.charge(left, self._scheduler.now())
        self._correct(left, follow=False)

    def _correct(self, back: float, follow: bool) -> None:
        self._fair.owed += back
        self._returning += back

        def correct() -> None:
            self._attempt(lambda: self._view.give_back(back))
            self._returning -= back
            if follow:
                self._visits.plan(self._scheduler.now())

        self._scheduler.start(correct)

    def crowded(self, cost: float) -> bool:
        """Whether a fair share of one visit is less than about one request."""
        return self._fair.crowded(cost)

    def _behind(self, lag: float) -> float:
        """Credit that this worker did not manage to spend in time.

        A timer's delay does not count, nor what the worker is still catching up on. Nobody else would take what a lone
        worker that catches up doesn't reserve.
        """
        if self._account.slowly and self.workers == 1:
            return 0.0
        catching_up = _CATCHING_UP_MS if self._account.slowly else 0
        return max(0.0, lag - catching_up - 0.1 * self._fair.of_visit)

    def _visit(self) -> float:
        following = self._attempt(self._reserve)
        self._failures = self._failures + 1 if following is None else 0
        if following is not None:
            return following
        return self._scheduler.now() + pace.retry_ms(self._failures, self._random())

    def _reserve(self) -> float:
        """Returns the time of the next visit."""
        now = self._scheduler.now()
        self._fair.accrue(now, self._estimate.ms or 0.0)
        self._content = False
        self._give_back(now)
        if self._view.known.paused:
            self._demand.suspend()
            self._view.look()
        idle, eager = self._demand.visit(now)
        if idle:
            return self._rest()
        if self._view.known.paused:
            return self._next_visit(False)
        self._eager = eager
        cost = self._estimate.ms or 0.0
        possible = self._demand.pace()
        self._fair.steadiness.spends(possible * cost, self.workers, cost)
        self._wanted = pace.wanted_requests(self._demand.waiting, possible, self._fair.period_ms, self._fair.of_visit)
        if self._estimate.ms is None:
            return self._learn_cost()
        if self._unchecked and self._others_came(now):
            return self._next_visit(True)
        return self._take_turn(self._scheduler.now(), self._estimate.ms)

    def _others_came(self, now: float) -> bool:
        """Visits before its turn, if no other worker seems to have reserved behind it."""
        self._unchecked = False
        if now >= self._turn_at - pace.LEAD_MS:
            return False
        until = self._view.look().until
        self._missed = until - self._scheduler.now() <= pace.LOW_MS
        taken = until - self._view.granted_until
        self._unchecked = not self._missed and taken < _SHARE_TAKEN * self._fair.of_visit
        return not self._missed

    def _rest(self) -> float:
        """No work since the last visit: everything goes back, and no visit is planned until there is work again."""
        self._demand.rest()
        least = max(_SMALLEST_CORRECTION_MS, 0.7 * (self._estimate.ms or 0.0))
        if abs(self._account.held) >= least:
            self._fair.owed += self._view.give_back_all()
        return math.inf

    def _take_turn(self, now: float, cost: float) -> float:
        crowded = self._fair.crowded(cost)
        held = self._account.held
        lag = self._account.lag(now)
        late = max(0.0, lag) if self._account.slowly else 0.0
        if late > _LATE_MS and self.workers > 1:
            self._fair.steadiness.late(now)
        # What it spends late comes on top of what it will spend in time.
        self._wanted = max(0, self._wanted - pace.whole_requests(held - late, cost, crowded))
        need = pace.Need(held, self._behind(lag), self._fair.of_turn(cost), cost, self._wanted, crowded)
        owed = pace.span_to_reserve(need)
        horizon = self._fair.horizon(cost)
        if owed > 0:
            return self._take(owed, max(self._fair.most_horizon(crowded), horizon))
        supplied = held >= pace.held_to_start(cost, True) if crowded else need.lag >= cost
        # While the ledger runs dry, others do not take the remaining capacity, and it would stay idle if this worker
        # waited for its held credit.
        low = pace.low_ms(crowded)
        if supplied and self._view.known.until - now >= low:
            return self._next_visit(True)
        return self._take(pace.span_to_reserve(need, 1), min(horizon, low) if supplied else horizon)

    def _learn_cost(self) -> float:
        """Cost unknown: the first of all workers makes a single request to find out; the others wait for it."""
        if self._view.known.workers > 1:
            self._view.look()
        if self._estimate.ms is not None:
            self._fair.start_randomly(self._random)
            return self._take_turn(self._scheduler.now(), self._estimate.ms)
        if self._view.known.until < self._scheduler.now():
            probe = self._ask(pace.PROBE_MS, 0, counted=True, cost_known=False)
            if probe.granted:
                self._probed_from = probe.start
        return self._scheduler.now() + 25 + 25 * self._random()

    def _take(self, span: float, horizon: float) -> float:
        if span <= 0:
            return self._wait()
        if self._fair.few and (self._beyond(horizon) or self._stale()):
            self._view.look()
            if self._beyond(horizon):
                return self._next_visit(False)
        result = self._ask(span + self._extra(span), horizon, counted=True)
        unmet = self._wanted - span / self._cost
        self._hasten(result, unmet >= 1)
        if not result.granted:
            return self._next_visit(False)
        self._adapt_period(result.start)
        self._turn_at = result.start + self._until_next_turn(span, unmet < 1)
        self._fair.workers.turn(result.item, self._steady)
        self._steady = True
        self._take_extras(result.item.until, unmet)
        self._hurry()
        return self._next_visit(True)

    @property
    def _cost(self) -> float:
        """Of a request, once it is known."""
        assert self._estimate.ms is not None
        return self._estimate.ms

    def _beyond(self, horizon: float) -> bool:
        """By the last look, more than that is promised. A look is cheaper than a reservation that is refused."""
        return self._view.known.until > self._scheduler.now() + horizon

    def _stale(self) -> bool:
        """If all come for single requests, another worker was probably quicker."""
        return self.workers > 1 and self._fair.crowded(self._cost) and not self._view.fresh(self._scheduler.now())

    def _wait(self) -> float:
        """Nothing to reserve. It still looks at the ledger now and then, because an operator may have changed
        something."""
        if self._scheduler.now() - self._view.seen_at >= pace.LOOK_MS:
            self._view.look()
        self._content = True
        return max(self._next_visit(True), self._scheduler.now() + pace.CONTENT_MS)

    def _hasten(self, result: Reservation, short: bool) -> None:
        """Visits more often while capacity is lost for lack of visits, and less often when others are quicker."""
        soon = result.granted and result.start - self._scheduler.now() < _DRY_MS - 0.7 * self._view.past()
        # A slice of an idle ledger begins now, although one behind a promise may have begun earlier.
        dry = soon or self._view.found_idle
        self._haste = min(_MOST_HASTE, self._haste * 2) if dry and short else max(1.0, self._haste / 2)

    def _until_next_turn(self, span: float, enough: bool) -> float:
        """How long after the start of a slice the next one should start: when it is used up, and the others' too."""
        count = self.workers
        shortest = pace.period_ms(count / self._haste)
        if not self._fair.few or self._fair.crowded(self._cost):
            return shortest
        used = min(span * count, 1.5 * self._fair.period_ms)
        return max(shortest if enough else pace.visit_gap_ms(count), used)

    def _adapt_period(self, start: float) -> None:
        """Visits less often while all is well: work waits, and the others take their shares in time."""
        steadiness = self._fair.steadiness
        now = self._scheduler.now()
        ahead = start - now
        if self._haste > 1 or not self._eager or not self._steady or self._fair.crowded(self._cost):
            steadiness.stir()
        elif self._missed or ahead < _DRY_MS - self._view.past():
            steadiness.hasten()
        else:
            steadiness.calm(now)
            self._fair.even_out()
        self._missed = False
        self._unchecked = self.workers > 1 and self._fair.few

    def _extra(self, span: float) -> float:
        """Reserves one more request if the last look showed that the ledger runs dry. This saves a later update for
        it."""
        now = self._scheduler.now()
        cost = self._cost
        if not self._fair.crowded(cost) or not self._view.fresh(now) or self._wanted * cost < span + cost:
            return 0.0
        return cost if self._view.known.until + span < now + _DRY_MS else 0.0

    def _hurry(self) -> None:
        """If little is promised ahead, the others do not take the rest. So this worker comes back before the promise is
        used up."""
        now = self._scheduler.now()
        until = self._view.known.until
        if not self._eager or until - now >= pace.LEAD_MS:
            return
        back = max(now + pace.visit_gap_ms(self.workers), until - pace.LOW_MS)
        self._turn_at = min(self._turn_at, back + pace.LEAD_MS)

    def _take_extras(self, until: float, wanted: float) -> None:
        """While capacity lies idle, takes more than the fair share, up to `wanted` requests."""
        for extra in range(_MOST_EXTRAS):
            now = self._scheduler.now()
            cost = self._cost
            crowded = self._fair.crowded(cost)
            low = pace.low_ms(crowded)
            # If all come for single requests, another worker is probably quicker, so it must be worth at least this
            # much.
            if until - now >= low - (15 if crowded else 0):
                return
            room = min(low + 10 - (until - now), (1 << extra) * self._fair.of_visit)
            requests = math.floor(min(1 if crowded else room / cost, wanted))
            if requests < 1:
                return
            result = self._ask(requests * cost, low, counted=False)
            if not result.granted:
                return
            until = result.item.until
            wanted -= requests

    def _ask(self, span: float, horizon: float, *, counted: bool, cost_known: bool | None = None) -> Reservation:
        result = self._view.reserve(span, horizon, counted, cost_known)
        if result.granted:
            self._changed()
        return result

    def _next_visit(self, granted: bool) -> float:
        item = self._view.known
        now = self._scheduler.now()
        cost = self._estimate.ms or 0.0
        gap = pace.visit_gap_ms(self.workers) / self._haste
        if item.paused:
            return now + max(pace.PAUSED_LOOK_MS, gap) * (0.75 + 0.25 * self._random())
        if granted:
            turn = max(self._turn_at - pace.LEAD_MS, self._visits.began_at + gap)
        else:
            turn = now + gap * (0.25 + 0.5 * self._random())
        poll = turn if self._fair.owed >= cost else max(turn, now + gap * (0.5 + self._random()))
        if self._unchecked and granted and not self._fair.crowded(cost):
            return max(now + 2, min(turn, item.until - pace.CHECK_MS))
        room = item.until - self._fair.horizon(cost) + min(10.0, gap) * self._random()
        return min(max(now + 2, poll, room), now + pace.longest_sleep_ms(gap, self._fair.few))

    def _give_back(self, now: float) -> None:
        voided = self._account.take_voided(now, _SMALLEST_CORRECTION_MS)
        if voided > 0:
            self._view.give_back(voided)
        if self._throttled:
            self._throttled = False
            self._view.report_throttle(now)

    def _attempt(self, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except Exception as error:
            if not self._visits.stopped:
                self._failed(error)
            return None
