"""One worker's account: the slices of account time that it has reserved, and how much of them it has spent.

    slice         start |----- span -----|               its place in the ledger
    accrual        /----------------------\\              the slice, blurred; its middle is a little later
    spending       ↑    ↑    ↑    ↑    ↑                 one request whenever accrued credit reaches what is spent
    after                             |-- grace --|      credit not spent by then is void and goes back to the ledger

All amounts are milliseconds of account time. Invariants: a request starts only when `accrued ≥ spent + estimate / 2`,
and in no second does a worker spend much more than what accrued to it in that second. See
shared/capacity/worker/sliceAccount.ts, also for why the accrual is blurred.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

_LARGE_MS = 20
"""Requests that cost at least this are few: several in a slice follow one another at intervals of their cost."""
_CATCH_UP_MS = 30
"""To catch up, few workers together may spend this much more in a second than accrued in it."""
_SLOW_GRACE = 4
"""Credit of a worker that catches up slowly stays valid this many times as long."""
_MOST_LATE_MS = 100
"""After another worker has joined, few workers together catch up with at most this much."""
_SECOND_MS = 1000
_EPSILON = 1e-6
"""Credit below this is float noise: a millionth of a millisecond."""


class _Slice:
    __slots__ = ("blur", "end", "falls", "risen", "span", "start", "valid")

    def __init__(self, start: float, span: float, blur: float) -> None:
        self.start = start
        """When its credit begins to accrue."""
        self.span = span
        self.blur = blur
        """Its accrual at a moment is the average over this time; 0 for large requests."""
        self.risen = start + min(span, blur)
        """Until then its rate rises."""
        self.falls = start + max(span, blur)
        """From then on its rate falls, until its end."""
        self.end = start + span + blur
        self.valid = 1.0
        """The part of its credit that has not become void."""

    def accrued(self, now: float) -> float:
        """The area under the average of a slice that accrues at the rate of the limit while it lasts."""
        if now <= self.start:
            return 0.0
        if now >= self.end:
            return self.span
        age, span, blur = now - self.start, self.span, self.blur
        if blur == 0:
            return age
        # The areas under three ramps, of which the last two may not have begun. A function for them would cost more.
        begun, ended, left = (
            age * age / 2,
            (age - span) * (age - span) / 2 if age > span else 0.0,
            (age - blur) * (age - blur) / 2 if age > blur else 0.0,
        )
        return (begun - ended - left) / blur

    def rate(self, now: float) -> float:
        """At which rate it accrues from `now` on, as a part of the limit."""
        if now < self.start or now >= self.end:
            return 0.0
        if self.blur == 0:
            return 1.0
        return min(now - self.start, self.span, self.blur, self.end - now) / self.blur

    def slope(self, now: float) -> float:
        """By how much that rate grows in a millisecond from `now` on."""
        if now < self.start or now >= self.end:
            return 0.0
        if now < self.risen:
            return 1 / self.blur
        return 0.0 if now < self.falls else -1 / self.blur

    def next_bend(self, now: float) -> float:
        """The next instant after `now` at which that slope changes."""
        if now < self.risen:
            return self.start if now < self.start else self.risen
        if now < self.end:
            return self.falls if now < self.falls else self.end
        return math.inf


def _time_to_accrue(missing: float, rate: float, slope: float) -> float:
    """The solution of `rate t + slope t² / 2 = missing`; infinity if there is none."""
    square = rate * rate + 2 * slope * missing
    if square < 0:
        return math.inf
    divisor = rate + math.sqrt(square)
    return (2 * missing) / divisor if divisor > 0 else math.inf


class SliceAccount:
    """`delay_ms`: how long after its place in the ledger a slice is spent, on average. `grace_ms`: how long unspent
    credit stays valid after its slice has accrued; four times as long if the worker catches up slowly. `blur_ms`: the
    time over which the accrual of small requests is averaged; asked for at each grant."""

    def __init__(self, delay_ms: float, grace_ms: float, blur_ms: Callable[[], float]) -> None:
        self._delay_ms = delay_ms
        self._blur_ms = blur_ms
        self._grace_ms = grace_ms
        self._slices: deque[_Slice] = deque()
        self._past: deque[_Slice] = deque()
        """Forgotten slices some of whose credit accrued within the last second."""
        self._charges: deque[tuple[float, float]] = deque()
        """Those of the last second, in the order of time: when, and how much."""
        self._recent = 0.0
        """Their sum."""
        self._spent = 0.0
        """Spent since the oldest slice kept, estimates of requests in flight included."""
        self._reserved = 0.0
        self._accrued = 0.0
        """At least this much of the slices kept has accrued."""
        self._voided = 0.0
        self._keep = 0.0
        """Unspent credit up to this stays valid, so that remainders below a whole request add up."""
        self.slowly = False
        """Whether the worker catches up slowly (see `due_at`)."""
        self._room_until = -math.inf
        """Until then it makes room for a worker that has joined."""

    def grant(self, start: float, span: float) -> None:
        """Takes a slice the ledger granted.

        The delay is the same for all sizes of slices. If it were shorter for some than for others, a change of the
        mixture would move consumption in time, into a burst or hole. The first request of a slice of large requests is
        in its middle when the delay is over.
        """
        large = self._keep >= _LARGE_MS
        blur = 0.0 if large else self._blur_ms()
        before = min(span, self._keep) / 2 if large else blur / 2
        self._slices.append(_Slice(start + self._delay_ms - before, span, blur))
        self._reserved += span

    def charge(self, ms: float, now: float) -> None:
        """Charges a request: its estimate when it starts, the (possibly negative) difference when it is done."""
        if ms == 0:
            return
        self._spent += ms
        self._charges.append((now, ms))
        self._recent += ms

    def spent_in_second(self, now: float) -> float:
        """What it has spent in the last second, estimates of requests in flight included."""
        self._drop(now)
        return self._recent

    @property
    def last_spent_at(self) -> float | None:
        """When it last spent something. None: not within a second."""
        return self._charges[-1][0] if self._charges else None

    @property
    def held(self) -> float:
        """Reserved and not spent; negative when in debt."""
        return self._reserved - self._spent

    def held_of_begun(self, now: float) -> float:
        """The part of `held` that belongs to slices which have begun; negative when they were overspent."""
        begun = 0.0
        for each in self._slices:
            if each.start <= now:
                begun += each.span
        return begun - self._spent

    def lag(self, now: float) -> float:
        """Credit that should have been spent by `now`; negative while ahead."""
        accrued = 0.0
        for each in self._slices:
            accrued += each.accrued(now)
        return accrued - self._spent

    def due_at(self, now: float, estimate: float, needed: float, few: float | None = None) -> float:
        """The earliest instant at which a request of `estimate` may start: when the middle of its cost has accrued.

        Infinity when less than `needed` is held. `few`: the number of workers, if they are few. Then a worker with
        small requests catches up slowly. Before a request, it has spent in a second at most what accrued to it in that
        second, and a little more to catch up. Its credit stays valid for longer.
        """
        self._keep = estimate
        self.slowly = few is not None and estimate < _LARGE_MS
        self._drop(now)
        workers = few if self.slowly else None
        if workers is not None and now < self._room_until:
            self._spent += max(0.0, self.lag(now) - _MOST_LATE_MS / workers)
        if self._reserved - self._spent < needed - _EPSILON:
            return math.inf
        due = self._accrued_at(self._spent + estimate / 2, now)
        return due if workers is None else self._caught_up_at(due, workers, now)

    def _accrued_at(self, wanted: float, now: float) -> float:
        """The earliest instant from `now` on at which `wanted` has accrued.

        If the slices hold less: at which all of them have accrued.
        """
        if wanted - self._accrued <= _EPSILON:
            return now
        at = now
        while True:
            missing = wanted
            for each in self._slices:
                missing -= each.accrued(at)
            if at == now:
                self._accrued = wanted - missing
            if missing <= _EPSILON:
                return at
            rate, slope, following = 0.0, 0.0, math.inf
            for each in self._slices:
                rate += each.rate(at)
                slope += each.slope(at)
                following = min(following, each.next_bend(at))
            if following == math.inf:
                return at
            accrued_at = at + _time_to_accrue(missing, rate, slope)
            if accrued_at <= following:
                return accrued_at
            at = following

    def _caught_up_at(self, due: float, workers: float, now: float) -> float:
        """The earliest instant from `due` on at which a worker that catches up slowly may make a request."""
        more = _CATCH_UP_MS / workers - self._recent
        # Not even the allowance to catch up is used, whatever accrued.
        if more >= 0 and due == now:
            return now
        # Of the recent charges, those that are more than a second old at `at`.
        old = 0.0
        at = due
        for charged_at, ms in self._charges:
            leaves = charged_at + _SECOND_MS
            if leaves > at:
                if self._accrued_in_second(at) + more + old >= 0:
                    return at
                at = leaves
            old += ms
        return at

    def make_room(self, now: float) -> None:
        """Called when another worker has joined. For a second, this worker then forgoes nearly all that it is late by.

        That would come on top of the other's share. It doesn't go back to the ledger, which would grant it again at
        once.
        """
        self._room_until = now + _SECOND_MS

    def take_voided(self, now: float, at_least: float) -> float:
        """Takes out the credit that became void, to give it back to the ledger; 0 while below `at_least`."""
        self._drop(now)
        if self._voided < at_least:
            return 0.0
        voided, self._voided = self._voided, 0.0
        return voided

    def put_back_voided(self, ms: float) -> None:
        """The update that would have given it back was refused."""
        self._voided += ms

    def clear(self) -> float:
        """Closes the account: takes out the unspent credit, or the debt (negative), and forgets all slices."""
        held = self.held + self._voided
        self._slices.clear()
        self._past.clear()
        self._charges.clear()
        self._recent = 0.0
        self._reserved = self._accrued = self._spent = self._voided = 0.0
        return held

    def _accrued_in_second(self, end: float) -> float:
        """The credit that accrued in the second before `end`, and has not become void.

        It is never more than a second's: if credit went back to the ledger and was reserved again, more may accrue at
        once.
        """
        begin = end - _SECOND_MS
        total = 0.0
        for each in self._past:
            total += each.valid * (each.accrued(end) - each.accrued(begin))
        for each in self._slices:
            total += each.valid * (each.accrued(end) - each.accrued(begin))
        return min(total, _SECOND_MS)

    def _drop(self, now: float) -> None:
        """Forgets slices whose grace is over."""
        while self._charges and self._charges[0][0] + _SECOND_MS <= now:
            self._recent -= self._charges.popleft()[1]
        # Without the error that floats add up.
        if not self._charges:
            self._recent = 0.0
        slices = self._slices
        grace = _SLOW_GRACE * self._grace_ms if self.slowly else self._grace_ms
        while slices and slices[0].end + grace <= now:
            first = slices.popleft()
            self._past.append(first)
            self._reserved -= first.span
            self._accrued -= first.span
            self._spent -= first.span
            self._void_rest_of(first)
        while self._past and self._past[0].end + _SECOND_MS <= now:
            self._past.popleft()

    def _void_rest_of(self, last: _Slice) -> None:
        """Makes void what is unspent up to the end of a slice, except an amount below one request.

        It doesn't count as spent within the second. Otherwise a worker that is late would have to leave its credit
        unspent until that is void as well, and so on.
        """
        unspent = -self._spent - self._keep
        if unspent > 0:
            self._voided += unspent
            self._spent += unspent
            last.valid = max(0.0, 1 - unspent / last.span)
