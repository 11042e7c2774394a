"""One worker's account: the slices of account time that it has reserved, and how much of them it has spent.

    slice     start ├────────── spread ──────────┤       credit accrues evenly from 0 to span over the spread
    spending        ↑     ↑     ↑     ↑     ↑            one request whenever accrued credit reaches what is spent
    after           spread end ├── grace ──┤             credit not spent by then is void and goes back to the ledger

All amounts are milliseconds of account time. Invariants: a request starts only when `accrued ≥ spent + estimate / 2`,
and slices are spent from their own start. See shared/capacity/worker/sliceAccount.ts.
"""

from __future__ import annotations

import math
from collections import deque

_LARGE_MS = 20
"""Requests that cost at least this are few: several in a slice follow one another at intervals of their cost."""
_EPSILON = 1e-6
"""Credit below this is float noise: a millionth of a millisecond."""


class _Slice:
    __slots__ = ("span", "spread", "start")

    def __init__(self, start: float, span: float, spread: float) -> None:
        self.start = start
        self.span = span
        self.spread = spread
        """The time over which the credit accrues."""

    def accrued(self, now: float) -> float:
        if now <= self.start:
            return 0.0
        return min(self.span, self.span * (now - self.start) / self.spread)


class SliceAccount:
    """`spread_ms`: time over which a slice is spent. `grace_ms`: how long unspent credit stays valid after that."""

    def __init__(self, spread_ms: float, grace_ms: float) -> None:
        self._spread_ms = spread_ms
        self._grace_ms = grace_ms
        self._slices: deque[_Slice] = deque()
        self._spent = 0.0
        """Spent since the oldest slice kept, estimates of requests in flight included."""
        self._reserved = 0.0
        self._voided = 0.0
        self._keep = 0.0
        """Unspent credit up to this stays valid, so that remainders below a whole request add up."""

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

    def charge(self, ms: float) -> None:
        """Charges a request: its estimate when it starts, the (possibly negative) difference when it is done."""
        self._spent += ms

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

    def due_at(self, now: float, estimate: float, needed: float) -> float:
        """The earliest instant at which a request of `estimate` may start: when the middle of its cost has accrued.

        Infinity when less than `needed` is held.
        """
        self._keep = estimate
        self._drop(now)
        wanted = self._spent + estimate / 2
        if self._reserved - self._spent < needed - _EPSILON:
            return math.inf
        at = now
        while True:
            missing, rate, following = wanted, 0.0, math.inf
            for each in self._slices:
                missing -= each.accrued(at)
                if at < each.start:
                    following = min(following, each.start)
                elif at < each.start + each.spread:
                    rate += each.span / each.spread
                    following = min(following, each.start + each.spread)
            if missing <= _EPSILON or following == math.inf:
                return at
            if rate > 0 and at + missing / rate <= following:
                return at + missing / rate
            at = following

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
        self._reserved = self._spent = self._voided = 0.0
        return held

    def _drop(self, now: float) -> None:
        """Forgets slices whose grace is over. Their unspent credit is void, except an amount below one request."""
        slices = self._slices
        while slices and slices[0].start + slices[0].spread + self._grace_ms <= now:
            span = slices.popleft().span
            self._reserved -= span
            self._spent -= span
        unspent = -self._spent - self._keep
        if unspent > 0:
            self._voided += unspent
            self._spent += unspent
