"""The crew of a job is the workers that work on it at once: shared/engine/crew.ts, whose header explains the judgement.

The job's head has the number of workers that the rate feeds (`chains`). A Spark task works only at a place of the crew,
below that number; see places.py. A task beyond it holds back until the number grows, as it does after `jobs rate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from sluice.clock import Clock
from sluice.jobs.records import JobHead
from sluice.jobs.stores import JobStore

_WINDOW_MS = 3_000
"""How often a worker judges. It measures over the last two such windows."""
_SHORT_MS = 1_000
"""If the rate changes sooner than this after a judgement, the measurement before that judgement decides."""
_SATURATED = 0.7
"""Below this share of busy time, more workers don't help: credit comes evenly, pages don't."""
_MOST_BUSY, _LEAST_BUSY, _TARGET = 0.95, 0.7, 0.85
"""Add workers if they would be busier than the first; drop some if the rest would still be less busy than the second.
After a change they are busy for the third."""
_NEED_BY_LOAD = 1.5
"""Load is less exact than need. So the need counts as at most this many times the load."""
_MOST_GROWTH = 4
"""The number grows by at most this factor at once: a measurement of three seconds may mislead."""


@dataclass(frozen=True)
class Measured:
    busy: float
    """Share of the time in which the worker didn't wait for capacity, 0 to 1."""
    used: float
    """Share of the limit that this worker used, 0 and more."""
    factor: float
    """Factor by which the limit has changed since."""


@dataclass(frozen=True)
class CapacityUse:
    """A worker's use of capacity, as sums since the session was opened."""

    waited_ms: float
    spent_ms: float
    """Milliseconds of account time."""
    per_second: float | None
    """Capacity units per second that all workers together may consume; None if unknown."""


@dataclass(frozen=True)
class _Moment:
    at: float
    use: CapacityUse


def fitting_chains(chains: int, measured: Measured, most: int) -> int:
    """The number of workers that fits. `most`: workers there can be."""
    load = chains * measured.busy
    need = measured.busy / measured.used if measured.used > 0 else math.inf

    def bounded(wanted: float) -> int:
        return int(max(1, min(most, _MOST_GROWTH * chains, wanted if wanted == math.inf else math.ceil(wanted))))

    if measured.factor != 1:
        fitting = bounded(((need if measured.used > 0 else load) * measured.factor) / _TARGET)
        return max(chains, fitting) if measured.factor > 1 else min(chains, fitting)
    if measured.busy > _SATURATED and need > _MOST_BUSY * chains:
        return max(chains, bounded(need / _TARGET))
    least = min(need, _NEED_BY_LOAD * load)
    return bounded(least / _TARGET) if bounded(least / _LEAST_BUSY) < chains else chains


def is_one_too_many(place: int, head: JobHead) -> bool:
    """Whether the worker at a place has to leave. The worker at place 0 never has to: it ensures that all units end."""
    return place > 0 and place >= head.chains


class Crew:
    """The judgement of one worker."""

    def __init__(self, jobs: JobStore, clock: Clock, use: Callable[[], CapacityUse], most: int) -> None:
        """`most`: workers there can be."""
        self._jobs = jobs
        self._clock = clock
        self._use = use
        self._most = most
        self._head: JobHead | None = None
        self.begin(0)

    def begin(self, place: int) -> None:
        """Called when a stretch of work begins at this place."""
        self._place = place
        # When it judged last, and the judgement before, from which it measures.
        self._since: _Moment | None = None
        self._before: _Moment | None = None
        self._measured: Measured | None = None

    def see(self, head: JobHead) -> None:
        """Called when the job's head was read."""
        self._head = head

    def go_on(self) -> bool:
        """Called between two pages. False: the worker is one too many."""
        now = _Moment(self._clock.now(), self._use())
        since = self._since
        if since is None or since.use.per_second is None:
            self._since = now
        elif now.use.per_second != since.use.per_second:
            self._changed(since, now)
        elif now.at - since.at >= _WINDOW_MS:
            measured = _measured(self._before or since, now)
            self._before, self._since, self._measured = since, now, measured
            self._judge(measured)
        return self._head is None or not is_one_too_many(self._place, self._head)

    def _changed(self, since: _Moment, now: _Moment) -> None:
        """Called when the rate has changed."""
        measured = _measured(since, now)
        before = self._measured or measured
        self._before, self._since = None, now
        # Kept for a next change that comes soon.
        self._measured = before if now.at - since.at < _SHORT_MS else measured
        self._judge(replace(self._measured, factor=measured.factor))

    def _judge(self, measured: Measured) -> None:
        head = None if self._head is None else self._jobs.head(self._head.id)
        if head is None:
            return
        self._head = head
        left = max(1, head.units - head.claimed + head.chains)
        # Workers that have not claimed a unit yet count twice in `left`.
        wanted = fitting_chains(head.chains, measured, min(self._most, left, head.units))
        if wanted != head.chains and self._jobs.set_chains(head, wanted):
            self._head = replace(head, chains=wanted)


def _measured(start: _Moment, end: _Moment) -> Measured:
    elapsed = max(1, end.at - start.at)
    before, after = start.use.per_second, end.use.per_second
    return Measured(
        busy=1 - max(0, min(1, (end.use.waited_ms - start.use.waited_ms) / elapsed)),
        used=max(0, end.use.spent_ms - start.use.spent_ms) / elapsed,
        factor=1 if before is None or after is None else after / before,
    )
