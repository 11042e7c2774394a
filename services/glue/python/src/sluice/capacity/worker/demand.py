"""How many requests a worker could make if it never waited for capacity.

The number of waiting requests says little about that, but a worker is a closed loop. If it has `n` requests at a time
during a time `T`, and they wait for `Q` in all, it could make `finished / (T - Q / n)` requests per millisecond. See
shared/capacity/worker/demand.ts.
"""

from __future__ import annotations

import math

_HALF_LIFE_MS = 1000
"""Observations count half after this long."""
_AFTER_REST = 3
"""This many requests after an idle period show that it is over. Fewer may come from a worker that makes one now and
then."""
_UNKNOWN_MS = 10
"""The assumed duration of a request while none is known."""


class _Observed:
    """Sums in which older seconds count less."""

    __slots__ = ("elapsed_ms", "finished", "ran_ms", "waited_ms")

    def __init__(self) -> None:
        self.finished = 0.0
        """Requests."""
        self.elapsed_ms = 0.0
        self.waited_ms = 0.0
        """Of all requests together, as is `ran_ms`."""
        self.ran_ms = 0.0

    def copy(self) -> _Observed:
        copied = _Observed()
        copied.finished = self.finished
        copied.elapsed_ms = self.elapsed_ms
        copied.waited_ms = self.waited_ms
        copied.ran_ms = self.ran_ms
        return copied

    def pass_by(self, ms: float, kept: float, waiting: int, in_flight: int) -> None:
        """`ms` have passed with so many requests. `kept`: the part that earlier sums count from now on."""
        self.finished *= kept
        self.elapsed_ms = self.elapsed_ms * kept + ms
        self.waited_ms = self.waited_ms * kept + waiting * ms
        self.ran_ms = self.ran_ms * kept + in_flight * ms

    def subtract(self, part: _Observed) -> None:
        self.finished -= part.finished
        self.elapsed_ms -= part.elapsed_ms
        self.waited_ms -= part.waited_ms
        self.ran_ms -= part.ran_ms


class Demand:
    """`pause_ms`: a worker without a request still counts as one with work for this long."""

    def __init__(self, now: float, pause_ms: float = 0) -> None:
        self.waiting = 0
        """Requests that wait for capacity."""
        self._pause_ms = pause_ms
        self._looked_at = now
        self._in_flight = 0
        self._active_at = -math.inf
        """When a request last waited or was under way."""
        self._most = 0.0
        """Most requests seen at once, which fades."""
        self._observed = _Observed()
        self._held_up_ms = 0.0
        self._suspended = False
        self._resting = False
        self._before: _Observed | None = None
        """The observations before the first request after the last idle period, including that period; None once it is
        over."""
        self._since_rest = 0
        self._arrived_since_visit = False
        self._waited_since_visit = False

    def suspend(self) -> None:
        """The ledger is paused: the time until the next request comes shows nothing about the pace."""
        self._suspended = True

    def rest(self) -> None:
        """There is no work. The idle period counts: a worker that makes a request now and then wants little.

        But if several requests follow, the time before them shows nothing about their pace, and would hold the worker
        up for seconds.
        """
        self._resting = True

    def arrive(self, now: float) -> None:
        """A request came at `now`."""
        if self._resting:
            self._pass(now)
            self._before = self._observed.copy()
            self._since_rest = 0
            self._resting = False
        if self._suspended:
            self._pass(now)
            self._observed = _Observed()
            self._before = None
            self._suspended = False
        self._arrived_since_visit = True

    def change(self, now: float, waiting: int, in_flight: int, finished: int = 0) -> None:
        """The number of waiting or running requests has changed. `finished`: requests that ended with that change."""
        self._pass(now)
        if waiting or in_flight or finished:
            self._active_at = now
        self.waiting = waiting
        self._in_flight = in_flight
        if finished:
            self._observed.finished += finished
            self._since_rest += finished
            if self._before is not None and self._since_rest >= _AFTER_REST:
                self._observed.subtract(self._before)
                self._before = None
        if waiting + in_flight > self._most:
            self._most = waiting + in_flight
        if waiting:
            self._waited_since_visit = True

    def visit(self, now: float) -> tuple[bool, bool]:
        """At a visit to the ledger: whether there is no work at all, and whether any had to wait since the last
        visit."""
        self._pass(now)
        resting = self.waiting + self._in_flight == 0 and not now - self._active_at < self._pause_ms
        idle = not self._arrived_since_visit and resting
        eager = self._waited_since_visit
        self._arrived_since_visit = False
        self._waited_since_visit = self.waiting > 0
        return idle, eager

    def held_up_ms(self, now: float) -> float:
        """So far, for how long requests waited while none was under way."""
        self._pass(now)
        return self._held_up_ms

    def pace(self) -> float:
        """Requests per millisecond that the worker could make.

        Before the first request is done, the pace is unknown. If several requests are made at once, each is then
        assumed to take 10 ms. With a single request the pace is 0, because the worker may have other things to do.
        """
        observed = self._observed
        if observed.finished == 0:
            return self._most / _UNKNOWN_MS if self._most > 1 else 0.0
        free = observed.elapsed_ms - observed.waited_ms / max(1.0, self._most)
        return observed.finished / free if free > 0 else math.inf

    @property
    def request_ms(self) -> float | None:
        """Average duration of a request, without its wait, milliseconds; None while none is done."""
        observed = self._observed
        return observed.ran_ms / observed.finished if observed.finished > 0 else None

    def _pass(self, now: float) -> None:
        ms = now - self._looked_at
        if ms <= 0:
            return
        self._looked_at = now
        if self.waiting and not self._in_flight:
            self._held_up_ms += ms
        kept = 0.5 ** (ms / _HALF_LIFE_MS)
        self._observed.pass_by(ms, kept, self.waiting, self._in_flight)
        if self._before is not None:
            self._before.pass_by(0.0, kept, 0, 0)
        self._most = max(self.waiting + self._in_flight, self._most * kept)
