"""A stretch of a worker's work: what an invocation is to a worker on Lambda (shared/worker/{openWork,unitPages}.ts).

It has an owner of its own, a deadline, and leases that last until its end. So a worker that is killed holds its unit
for a minute at most, and workers on Lambda and on Spark may work on one job at once.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from sluice.aws.item import Json
from sluice.aws.transient import Retry, is_transient, retry_transient
from sluice.clock import Clock
from sluice.engine.budget import Budget
from sluice.engine.capacity_session import LONGEST_WAIT_MS, CapacitySession
from sluice.engine.claims import Claims, Holding, Taken
from sluice.engine.crew import Crew
from sluice.engine.failure_brake import FailureBrake
from sluice.engine.page_loop import PageLoopOptions, work_pages
from sluice.engine.pause_watch import PauseWatch
from sluice.engine.retries import keeping_reason
from sluice.engine.tables_check import TablesCheck
from sluice.engine.tally import Tally
from sluice.engine.times import StretchTime, unit_backoff_ms
from sluice.engine.unit_progress import ProgressOptions
from sluice.engine.unit_work import StretchEnd, UnitEnd, UnitWork, UnitWorkOptions, WorkTools
from sluice.engine.verdict import verdict_of
from sluice.errors import SluiceError
from sluice.jobs.records import Job, Unit
from sluice.jobs.stores import JobEntries, JobStore, UnitStore
from sluice.jobs.table import JobsTable
from sluice.operations.operation import OperationWork, Tools
from sluice.operations.page_function import PageFunction
from sluice.sources.source import Source, SourcePage, SourceReader, SourceTools, UnitOfSource


@dataclass(frozen=True)
class WorkParts:
    """What stays the same from stretch to stretch."""

    dynamodb: Any
    """For the jobs table; not limited."""
    s3: Any
    jobs_table: str
    results_bucket: str
    reader: SourceReader
    operation: OperationWork
    concurrency: int
    clock: Clock
    on_unit: Callable[[int, UnitEnd], None]
    """Called with the number of each unit after the work on it."""
    on_overrun: Callable[[], None]
    """Called when a stretch has not ended by its end. It has to end the process, as Lambda ends an invocation."""


@dataclass(frozen=True)
class StretchOutcome:
    """How a stretch ended.

    `continued`: time is over, or capacity comes only at `at`. `waits`: no unit is free now. `ended`: all units have.
    `inactive`: the job was paused, stopped, cancelled, resumed or made anew. `retired`: the worker is one too many.
    `stopped`: it stopped the job.
    """

    end: Literal["continued", "waits", "ended", "inactive", "retired", "stopped"]
    at: float = 0

    @property
    def goes_on(self) -> bool:
        """The worker begins its next stretch at once."""
        return self.end == "continued" and self.at == 0


GRACE_MS = 1_000
"""A stretch that is still going on so long after its end is broken off by force."""
CLOCKS_MS = 2_000
"""Clocks of two workers differ by less than this."""


@dataclass(frozen=True)
class _Alarms:
    work_over: threading.Event
    """Set when page work has to stop, early enough to record why."""
    time_over: threading.Event
    """Set when time is over, for records too."""


@contextmanager
def _alarms(time: StretchTime, now: float, on_overrun: Callable[[], None]) -> Iterator[_Alarms]:
    alarms = _Alarms(threading.Event(), threading.Event())
    timers = [
        threading.Timer((time.work_ends_at - now) / 1000, alarms.work_over.set),
        threading.Timer((time.ends_at - now) / 1000, alarms.time_over.set),
        threading.Timer((time.ends_at + GRACE_MS - now) / 1000, on_overrun),
    ]
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        yield alarms
    finally:
        for timer in timers:
            timer.cancel()
        alarms.work_over.set()


def lease_until(time: StretchTime) -> float:
    """The time until which no other worker may have what a stretch holds: by then its holder has certainly been
    stopped."""
    return time.ends_at + GRACE_MS + CLOCKS_MS


class Stretch:
    def __init__(
        self,
        job: Job,
        owner: str,
        time: StretchTime,
        *,
        claims: Claims,
        crew: Crew,
        capacity: CapacitySession,
        parts: WorkParts,
    ) -> None:
        self._job = job
        self._owner = owner
        self._time = time
        self._claims = claims
        self._crew = crew
        self._capacity = capacity
        self._parts = parts
        self._of_source: list[BaseException] = []

    def run(self) -> StretchOutcome:
        """Raises the error of a store that failed for good."""
        clock = self._parts.clock
        self._capacity.open(self._time.deadline)
        with _alarms(self._time, clock.now(), self._parts.on_overrun) as alarms:
            return self._run(alarms)

    def _run(self, alarms: _Alarms) -> StretchOutcome:
        table = JobsTable(self._parts.dynamodb, self._parts.jobs_table, _retry_until(alarms.time_over))
        jobs = JobStore(table)
        options = self._options(alarms, table)
        holding = Holding(self._owner, lease_until(self._time))
        late = False
        while not late or self._parts.clock.now() < self._time.stop_at:
            claim = self._claims.next(holding)
            if claim is None:
                return StretchOutcome("inactive")
            if isinstance(claim, Tally):
                return StretchOutcome("waits" if claim.left else "ended")
            outcome = self._work_on(claim, late, jobs, options)
            if outcome is not None:
                return outcome
            late = True
        return StretchOutcome("continued")

    def _work_on(self, taken: Taken, late: bool, jobs: JobStore, options: UnitWorkOptions) -> StretchOutcome | None:
        """Works on a unit. None: the worker goes on with the next one."""
        how = UnitWork(self._job, taken.unit, taken.lease, late, options).run()
        number = taken.unit.number
        self._parts.on_unit(number, how)
        if how.end == "done" or how.end == "failed":
            self._claims.count(how.end)
        elif how.end == "stopped":
            self._claims.begin_with(number)
            return StretchOutcome("continued", how.at or 0)
        elif how.end == "paused":
            return StretchOutcome("inactive")
        elif how.end == "retired":
            return StretchOutcome("retired")
        elif how.end == "fatal":
            jobs.stop(self._job, str(how.reason), self._parts.clock.now())
            return StretchOutcome("stopped")
        return None

    def _options(self, alarms: _Alarms, table: JobsTable) -> UnitWorkOptions:
        parts = self._parts
        # It has to stop when page work stops, so that time is left to record why it failed.
        check = TablesCheck(parts.reader, parts.dynamodb, _retry_until(alarms.work_over))
        pauses = PauseWatch(JobStore(table), parts.clock, lambda: self._capacity.use().spent_ms)
        brake = FailureBrake(JobStore(table), parts.clock)
        return UnitWorkOptions(
            units=UnitStore(table),
            notes=UnitStore(JobsTable(parts.dynamodb, parts.jobs_table, _once)),
            clock=parts.clock,
            work=lambda job, unit, tools: self._work_pages(job, unit, tools, alarms.work_over, pauses, brake),
            tables_problem=check.problem,
            is_transient=passes,
            verdict=self._verdict,
            backoff_ms=lambda attempts: unit_backoff_ms(attempts, random.random),
            on_checkpoint=brake.saved,
        )

    def _verdict(self, error: BaseException, job: Job) -> str | None:
        from_source = any(each is error for each in self._of_source)
        is_own = not isinstance(self._parts.operation, PageFunction)
        return verdict_of(error, job, from_source, self._parts.reader, is_own)

    def _work_pages(
        self, job: Job, unit: Unit, work: WorkTools, stop: threading.Event, pauses: PauseWatch, brake: FailureBrake
    ) -> StretchEnd:
        brake.check(job)
        if brake.paused:
            return StretchEnd("paused")
        parts, capacity = self._parts, self._capacity
        clock, operation = parts.clock, parts.operation
        retry = keeping_reason(_retry_until(stop), clock, work.note)
        budget = Budget(clock, self._time.deadline, capacity.per_second, max(0, unit.attempts - 1))
        average_bytes = job.estimated_bytes / job.estimated_items if job.estimated_items > 0 else None
        of_unit = UnitOfSource(job.source, unit.number, job.units, average_bytes, unit.counts.record())
        source = parts.reader.open(of_unit, SourceTools(capacity.client, parts.s3, budget, retry))
        entries = JobEntries(JobsTable(parts.dynamodb, parts.jobs_table, retry), job.id, job.expires_at)
        tools = Tools(
            dynamodb=capacity.client,
            s3=parts.s3,
            bucket=parts.results_bucket,
            prefix=f"{job.operation}/{job.id}/",
            entries=entries,
            limits=capacity.limits,
            request_ms=capacity.request_ms,
            consumed=capacity.consumed,
            stop=stop,
            retry=retry,
            concurrency=parts.concurrency,
        )

        def go_on() -> Literal["yes", "paused", "retired"]:
            if brake.paused or pauses.is_paused(job.id):
                return "paused"
            return "yes" if self._crew.go_on() else "retired"

        progress = ProgressOptions(
            operation=operation,
            tools=tools,
            budget=budget,
            clock=clock,
            save=work.save,
            on_failures=lambda further: brake.count(job, further),
            every_page=isinstance(operation, PageFunction) and not operation.pure,
            longest_wait_ms=LONGEST_WAIT_MS,
        )
        try:
            watched = _Watched(source, self._of_source)
            return work_pages(PageLoopOptions(job, unit, watched, clock, self._time.stop_at, progress, go_on))
        finally:
            source.close()


class _Watched:
    """A source that notes the errors of reading it."""

    def __init__(self, source: Source, errors: list[BaseException]) -> None:
        self._source = source
        self._errors = errors

    def read(self, cursor: Json) -> SourcePage:
        try:
            return self._source.read(cursor)
        except Exception as error:
            self._errors.append(error)
            raise

    def close(self) -> None:
        self._source.close()


def passes(error: BaseException) -> bool:
    """Whether the same attempt may succeed later."""
    return is_transient(error) or (isinstance(error, SluiceError) and error.retryable)


def _once(call: Callable[[], Any]) -> Any:
    return call()


def _retry_until(alarm: threading.Event) -> Retry:
    def retry(call: Callable[[], Any]) -> Any:
        return retry_transient(call, alarm)

    return retry
