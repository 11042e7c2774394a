"""The places of a job's crew, which Spark tasks share.

A place is a chain record in the jobs table, behind those that Lambda's workers hold: place p is chain `units + 1 +
p`. A task holds one by a lease while it works, so that

- no more tasks work than the job's rate feeds. When an executor is lost, its places become free once their leases are
  over, and tasks that held back take them;
- nobody deletes or undoes the job while a task may still write for it (shared/jobs/workersLeft.ts).
"""

from __future__ import annotations

import random

from sluice.clock import Clock
from sluice.engine.crew import is_one_too_many
from sluice.engine.turns import first_turn
from sluice.jobs.records import Job, JobHead, Lease
from sluice.jobs.stores import ChainStore
from sluice.jobs.usage_meter import Usage, UsageMeter, add_usage


class Places:
    """One task's view of the places.

    `first`: the place that it tries first, another one for each task. `meter`: counts what the task uses, which the
    place's record keeps.
    """

    def __init__(self, job: Job, chains: ChainStore, clock: Clock, first: int, meter: UsageMeter) -> None:
        self._meter = meter
        self._used_before: Usage = {}
        self._job = job
        self._chains = chains
        self._clock = clock
        self._mine = first

    def take(self, head: JobHead, owner: str, until: float) -> Lease | None:
        """Takes a place until then. None: others have all of them."""
        if not is_one_too_many(self._mine, head):
            lease = self._try(self._mine, owner, until)
            if lease is not None:
                return lease
        free = self._free(head)
        if not free:
            return None
        self._mine = random.choice(free)
        return self._try(self._mine, owner, until)

    def place_of(self, lease: Lease) -> int:
        return lease.number - self._chain_of(0)

    def release(self, lease: Lease) -> None:
        """If the lease is lost, another task has the place, which does no harm."""
        usage = add_usage(self._used_before, self._meter.take({"writeUnits": 1}))
        self._chains.release(lease, lease.turn, usage)

    def _try(self, place: int, owner: str, until: float) -> Lease | None:
        lease = Lease(self._job.id, self._chain_of(place), owner, first_turn(self._job.epoch))
        taken, used = self._chains.take(lease, self._clock.now(), until, self._job.expires_at)
        if not taken:
            return None
        self._used_before = used
        return lease

    def _free(self, head: JobHead) -> list[int]:
        now = self._clock.now()
        held = {
            chain.number
            for chain in self._chains.list(self._job.id)
            if chain.owner is not None and (chain.lease_until or 0) >= now
        }
        return [place for place in range(max(1, head.chains)) if self._chain_of(place) not in held]

    def _chain_of(self, place: int) -> int:
        return self._job.units + 1 + place
