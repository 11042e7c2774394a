"""The limited client of one worker.

The same as shared/worker/capacitySession.ts. Its limiters stay open from one stretch to the next if nothing comes
between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sluice.capacity.gate import gate
from sluice.capacity.ledger.dynamodb_ledger import DynamoDbLedger
from sluice.capacity.ledger.ledger import Ledger
from sluice.capacity.limiter import CapacityLimiter
from sluice.capacity.metering import CapacityLimits, Consumption, Purpose, lowest_limit
from sluice.clock import Clock
from sluice.engine.crew import CapacityUse
from sluice.jobs.attributes import to_attributes
from sluice.jobs.ledgers import key_of
from sluice.jobs.records import Job, JobLimit

LONGEST_WAIT_MS = 2_000
"""Longest wait for capacity while a unit is held. A worker that has to wait for longer puts it down meanwhile."""
_PAUSE_MS = 250
"""Longest pause between two pages in which a worker keeps its credit."""


class CapacitySession:
    def __init__(
        self,
        job: Job,
        *,
        ledgers: Any,
        limited: Any,
        jobs_table: str,
        clock: Clock,
        on_ledger_error: Callable[[BaseException], None],
    ) -> None:
        """`ledgers`: a client of DynamoDB that isn't limited.

        `limited`: one whose requests will share the job's limits.
        """
        self.client = limited
        self._on_ledger_error = on_ledger_error
        self._limiters: list[tuple[JobLimit, CapacityLimiter]] = []
        self._is_open = False
        for limit in job.limits:
            # A group's ledger outlives the jobs in it; a job's own expires with the job's other records.
            extra = to_attributes({"expiresAt": job.expires_at}) if job.limit_group is None else {}
            item = DynamoDbLedger(ledgers, jobs_table, key_of(job, limit), extra)
            # The writes or lookups of a page belong together. If one were refused in the middle, another worker would
            # repeat the page.
            longest = LONGEST_WAIT_MS if limit.purpose == "read" else None
            limiter = CapacityLimiter(
                Ledger(item, None if job.limit_group is None else job.id),
                clock=clock,
                when_paused="reject",
                longest_wait_ms=longest,
                pause_ms=_PAUSE_MS,
                on_ledger_error=on_ledger_error,
            )
            gate(limited, limiter, table=limit.table, direction=limit.direction)
            self._limiters.append((limit, limiter))

    def open(self, deadline: float) -> None:
        """Begins a stretch: no request passes after the deadline. If the session is open, it goes on."""
        for _, limiter in self._limiters:
            if self._is_open:
                limiter.extend(deadline)
            else:
                limiter.open(deadline)
        self._is_open = True

    def close(self) -> None:
        """Gives unspent capacity back. Safe to call twice."""
        self._is_open = False
        for _, limiter in self._limiters:
            try:
                limiter.close()
            except Exception as error:
                # The ledger tolerates that: the capacity promised to this worker is lost.
                self._on_ledger_error(error)

    def limits(self, purpose: Purpose) -> CapacityLimits | None:
        """The limits in force for all workers together; None: no limit."""
        found = self._of(purpose)
        if found is None:
            return None
        limit, limiter = found
        return limiter.limits or limit.limits

    def request_ms(self, purpose: Purpose) -> float | None:
        """Average duration of a request for a purpose, without its wait, milliseconds.

        None: no limit, or none is done.
        """
        found = self._of(purpose)
        return None if found is None else found[1].request_ms

    def per_second(self, purpose: Purpose) -> float | None:
        """The lowest of these limits, capacity units per second."""
        limits = self.limits(purpose)
        return None if limits is None else lowest_limit(limits)

    def consumed(self, purpose: Purpose) -> Consumption:
        """The consumption of requests for a purpose since the session was opened."""
        found = self._of(purpose)
        return Consumption() if found is None else found[1].consumed

    def _of(self, purpose: Purpose) -> tuple[JobLimit, CapacityLimiter] | None:
        return next((each for each in self._limiters if each[0].purpose == purpose), None)

    def use(self) -> CapacityUse:
        """The waiting time under all limits, and the spending under the limit that was used most."""
        rates = [lowest_limit(limiter.limits or limit.limits) for limit, limiter in self._limiters]
        return CapacityUse(
            waited_ms=sum(limiter.waited_ms for _, limiter in self._limiters),
            spent_ms=max((limiter.spent_ms for _, limiter in self._limiters), default=0),
            per_second=min(rates, default=None),
        )
