"""Which unit a worker takes next: shared/engine/claims.ts.

1. the unit that it put down itself
2. the next place in the job's order of units, which one update claims for this worker
3. once all places are claimed: any free unit that a sweep finds. A sweep reads the records of all units. It finds units
   whose workers crashed, that failed before, or that a pause put down.

In an epoch, a unit that has ended stays so. So a later sweep reads only the units that were left, one by one if they
are few.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from sluice.clock import Clock
from sluice.engine.shuffle import shuffled_units
from sluice.engine.tally import Tally, tally_of
from sluice.engine.turns import first_turn
from sluice.jobs.records import Ended, Job, JobHead, Lease, Unit
from sluice.jobs.stores import JobStore, UnitStore

_FEW = 25
"""Up to this many units are read one by one: a query of all units reads their results too."""


@dataclass(frozen=True)
class Holding:
    """The name under which a stretch takes units, and the end of its leases."""

    owner: str
    lease_until: float


@dataclass(frozen=True)
class Taken:
    unit: Unit
    lease: Lease


class Claims:
    """The claims of one worker, over all its stretches."""

    def __init__(
        self, job: Job, jobs: JobStore, units: UnitStore, clock: Clock, seen: Callable[[JobHead], None]
    ) -> None:
        """`seen`: called with the job's head after each claim."""
        self._job = job
        self._jobs = jobs
        self._units = units
        self._clock = clock
        self._order = shuffled_units(job.units, job.id)
        self._first: int | None = None
        self._free: list[int] = []
        self._left = list(range(job.units))
        self._ended = Ended()
        self._all_claimed = job.claimed >= job.units
        self._seen = seen

    def begin_with(self, number: int) -> None:
        """The worker has put this unit down and will probably take it up again."""
        self._first = number

    def count(self, how: Literal["done", "failed"]) -> None:
        """Records that a unit has ended. The job's counts get it with the next claim, or at once if there is no next
        claim."""
        self._ended = replace(self._ended, **{how: getattr(self._ended, how) + 1})
        if self._all_claimed:
            self._flush()

    def next(self, holding: Holding) -> Taken | Tally | None:
        """Takes a unit, if there is one.

        A tally: no unit is free now. None: since the worker began, the job was paused, stopped, cancelled, resumed or
        recreated.
        """
        while True:
            number = self._listed()
            if number is None and not self._all_claimed:
                number = self._claimed()
                if number is None and not self._all_claimed:
                    return None
            if number is None:
                tally = self._sweep()
                if not tally.free:
                    return tally
                continue
            taken = self._take(number, holding)
            if taken is not None:
                return taken

    def _sweep(self) -> Tally:
        """Reads the records of all units that were left.

        Workers begin at random free ones, so that they don't compete.
        """
        job, left = self._job, self._left
        if len(left) <= _FEW:
            found = [self._units.read(job.id, number) for number in left]
            units = [unit for unit in found if unit is not None]
        else:
            units = self._units.list(job.id)
        tally = tally_of(units, left, job.epoch, self._clock.now())
        self._left = tally.left
        self._free = random.sample(tally.free, len(tally.free))
        return tally

    def look(self) -> Literal["free", "ended", "held"]:
        """Checks whether one of the remaining units has become free. It reads only one, because many workers may wait
        for a few units."""
        while self._left:
            number = random.choice(self._left)
            unit = self._units.read(self._job.id, number)
            tally = tally_of([] if unit is None else [unit], [number], self._job.epoch, self._clock.now())
            if tally.left:
                self._free = tally.free
                return "free" if tally.free else "held"
            self._left.remove(number)
        return "ended"

    def _listed(self) -> int | None:
        first, self._first = self._first, None
        if first is not None:
            return first
        return self._free.pop() if self._free else None

    def _claimed(self) -> int | None:
        """None: all places are claimed, or the job isn't active in this epoch."""
        claimed, head = self._jobs.claim(self._job.id, self._ended)
        # A worker that began before the job was resumed or recreated gives way to one that knows the new epoch.
        if head is None or not head.is_active or head.job_epoch != self._job.job_epoch:
            return None
        self._seen(head)
        if not claimed:
            self._all_claimed = True
            self._flush()
            return None
        self._ended = Ended()
        return self._order[head.claimed - 1]

    def _flush(self) -> None:
        if self._ended != Ended():
            self._jobs.ended(self._job, self._ended)
            self._ended = Ended()

    def _take(self, number: int, holding: Holding) -> Taken | None:
        """None: another worker has the unit, or the unit has ended."""
        job = self._job
        lease = Lease(job.id, number, holding.owner, first_turn(job.epoch))
        taken, unit = self._units.take(lease, self._clock.now(), holding.lease_until, job.expires_at)
        return Taken(unit, lease) if taken else None
