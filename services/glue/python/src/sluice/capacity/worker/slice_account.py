"""One worker's account: the slices of account time that it has reserved, and how much of them it has spent.

    slice     start ├────────── spread ──────────┤       credit accrues evenly from 0 to span over the spread
    spending        ↑     ↑     ↑     ↑     ↑            one request whenever accrued credit reaches what is spent
    after           spread end ├── grace ──┤             credit not spent by then is void and goes back to the ledger

All amounts are milliseconds of account time. Invariants: a request starts only when `accrued ≥ spent + estimate / 2`,
slices are spent from their own start, and in no second does a worker spend much more than what accrued to it in that
second. See shared/capacity/worker/sliceAccount.ts.
"""

from __future__ import annotations

import math
from collections import deque

_LARGE_MS = 20
"""Requests that cost at least this are few: several in a slice follow one another at intervals of their cost."""
_CATCH_UP_ALONE_MS = 40
"""To catch up, a lone worker may spend this much more in a second than accrued in it."""
_CATCH_UP_MS = 12
"""The same for each of several workers. They hardly ever catch up all at once."""
_SECOND_MS = 1000
_EPSILON = 1e-6
"""Credit below this is float noise: a millionth of a millisecond."""


class _Slice:
    __slots__ = ("span", "spread", "start")

    def __init__(self, start: float, span: float, spread: float) -> None:
        self.start = start
        self.span = span
        self.spread = spread
        """The time over which the credit accrues."""

    @property
    def end(self) -> float:
        return self.start + self.spread

    def accrued(self, now: float) -> float:
        if now <= self.start:
            return 0.0
        return min(self.span, self.span * (now - self.start) / self.spread)


class SliceAccount:
    """`spread_ms`: time over which a slice is spent. `grace_ms`: how long unspent credit stays valid after that; for
    twice as long if the worker catches up slowly."""

    def __init__(self, spread_ms: float, grace_ms: float) -> None:
        self._spread_ms = spread_ms
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
        self._voided = 0.0
        self._keep = 0.0
        """Unspent credit up to this stays valid, so that remainders below a whole request add up."""
        self.slowly = False
        """Whether the worker catches up slowly (see `due_at`)."""

    def grant(self, start: float, span: float) -> None:
        """Takes a slice the ledger granted.

        The middle of its spending is half a spread after `start`, whatever its size. If it were earlier for some slices
        than for others, a change of the mixture would move consumption in time, into a burst or hole. A slice of small
        requests that is at least as long as the spread is spent over its own length.
        """
        large = self._keep >= _LARGE_MS
        spread = span if large else max(self._spread_ms, span - self._keep)
        middle = min(span, self._keep) if large else self._spread_ms
        self._slices.append(_Slice(start + (self._spread_ms - middle) / 2, span, spread))
        self._reserved += span

    def charge(self, ms: float, now: float) -> None:
        """Charges a request: its estimate when it starts, the (possibly negative) difference when it is done."""
        if ms == 0:
            return
        self._spent += ms
        self._charges.append((now, ms))
        self._recent += ms

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
        second, or its fair share if that is more, and a little more to catch up. Its credit stays valid for longer.
        """
        self._keep = estimate
        self.slowly = few is not None and estimate < _LARGE_MS
        self._drop(now)
        if self._reserved - self._spent < needed - _EPSILON:
            return math.inf
        due = self._accrued_at(self._spent + estimate / 2, now)
        return self._caught_up_at(due, few) if few is not None and self.slowly else due

    def _accrued_at(self, wanted: float, now: float) -> float:
        """The earliest instant from `now` on at which `wanted` has accrued.

        If the slices hold less: at which all of them have accrued.
        """
        at = now
        while True:
            missing, rate, following = wanted, 0.0, math.inf
            for each in self._slices:
                missing -= each.accrued(at)
                if at < each.start:
                    following = min(following, each.start)
                elif at < each.end:
                    rate += each.span / each.spread
                    following = min(following, each.end)
            if missing <= _EPSILON or following == math.inf:
                return at
            if rate > 0 and at + missing / rate <= following:
                return at + missing / rate
            at = following

    def _caught_up_at(self, due: float, workers: float) -> float:
        """The earliest instant from `due` on at which a worker that catches up slowly may make a request."""
        more = (_CATCH_UP_ALONE_MS if workers == 1 else _CATCH_UP_MS) - self._recent
        share = _SECOND_MS / workers
        # Of the recent charges, those that are more than a second old at `at`.
        old = 0.0
        at = due
        for charged_at, ms in self._charges:
            leaves = charged_at + _SECOND_MS
            if leaves > at:
                if max(share, self._accrued_in(at - _SECOND_MS, at)) + more + old >= 0:
                    return at
                at = leaves
            old += ms
        return at

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
        self._reserved = self._spent = self._voided = 0.0
        return held

    def _accrued_in(self, begin: float, end: float) -> float:
        """The credit that accrued between two instants."""
        total = 0.0
        for each in self._past:
            total += each.accrued(end) - each.accrued(begin)
        for each in self._slices:
            total += each.accrued(end) - each.accrued(begin)
        return total

    def _drop(self, now: float) -> None:
        """Forgets slices whose grace is over. Their unspent credit is void, except an amount below one request."""
        while self._charges and self._charges[0][0] + _SECOND_MS <= now:
            self._recent -= self._charges.popleft()[1]
        # Without the error that floats add up.
        if not self._charges:
            self._recent = 0.0
        slices = self._slices
        grace = 2 * self._grace_ms if self.slowly else self._grace_ms
        while slices and slices[0].end + grace <= now:
            first = slices.popleft()
            self._past.append(first)
            self._reserved -= first.span
            self._spent -= first.span
        while self._past and self._past[0].end + _SECOND_MS <= now:
            self._past.popleft()
        unspent = -self._spent - self._keep
        if unspent > 0:
            self._voided += unspent
            self.charge(unspent, now)
