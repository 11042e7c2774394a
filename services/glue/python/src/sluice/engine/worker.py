"""A worker on Spark: works on a job until no unit is left for it.

    look at the job ─► take a place in the crew ─► stretch: unit ► unit ► … ─► release the place ─► look …
                   └─► hold back for some seconds, if others suffice for the job's rate

- It works under the same records as workers on Lambda: units, leases, checkpoints, ledgers
  (shared/engine/protocol.ts). So a worker that is killed, or begun again, changes nothing about what is done.
- Once no unit is free it waits for those that others hold: their workers may have been killed. It ends when all units
  have ended, or the job isn't active any more.
- The end of a job is left to Lambda: a message to the unit queue has a worker there find that all units have ended.
  Every worker that sees the end sends one; several do no harm.
- A worker that was begun in an earlier epoch ends when the job is resumed, because the resumption has begun others. A
  worker also ends if its job was deleted and made anew under the same id, because it knows the former job's work.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sluice.aws.clients import Clients
from sluice.aws.transient import retry_transient
from sluice.clock import Clock, system_clock
from sluice.engine.capacity_session import CapacitySession
from sluice.engine.claims import Claims
from sluice.engine.crew import Crew
from sluice.engine.places import Places
from sluice.engine.stretch import Stretch, StretchOutcome, WorkParts, lease_until, passes
from sluice.engine.times import divide_time, spread_first
from sluice.engine.turns import first_turn
from sluice.engine.unit_work import UnitEnd
from sluice.errors import SluiceError
from sluice.jobs.records import Job, JobEpoch, JobHead
from sluice.jobs.stores import ChainStore, JobStore, UnitStore
from sluice.jobs.table import JobsTable
from sluice.jobs.usage_meter import UsageMeter
from sluice.operations.operation import OperationWork
from sluice.operations.page_function import page_function
from sluice.operations.registry import OPERATIONS, operation_of
from sluice.sources.registry import source_reader

ChainTurn: TypeAlias = dict[str, Any]
"""A message of the unit queue: `job`, `chain`, `turn`."""

_LOOK_MS = 3_000
"""How often a worker looks at the job while it waits. It notices a pause or a higher rate within this time."""
_LONGEST_REST_MS = 30_000
"""A worker that waits for capacity looks at the ledger after this long: its rate may have been raised meanwhile."""
_LOOK_MS_PER_SLOT = 250
"""All workers that hold back look at the job four times a second together."""


def work_on_job(
    job_id: str,
    *,
    jobs_table: str,
    region: str,
    results_bucket: str,
    unit_queue_url: str,
    writing_queue_url: str | None = None,
    stretch_seconds: float = 60,
    concurrency: int = 16,
    slot: int = 0,
    slots: int = 1,
    begun_for: JobEpoch | None = None,
    twins: Mapping[str, str] | None = None,
    clock: Clock = system_clock,
    on_unit: Callable[[int, UnitEnd], None] = lambda unit, end: None,
    on_trouble: Callable[[str, BaseException], None] = lambda what, error: None,
    on_overrun: Callable[[], None] | None = None,
) -> str:
    """Works on a job until no unit is left.

    `unit_queue_url`, `writing_queue_url`: the queues of the workers on Lambda that only read, and of those that change
    tables. `concurrency`: requests at once. `slot`: number of this worker among the `slots` that work on the job.
    `begun_for`: the epoch that it was begun for; None: the job's present one. `twins`: `module:function` of users'
    operations, by name. `on_trouble`: called with what happened and an error that passes. `on_overrun`: called if a
    stretch outlasts its end; default: ends the process.

    Returns `ended` (all units have), `stale` (the job was resumed or made anew), `gone`, or the state that the job is
    in. Raises SluiceError NO_SUCH_JOB, NO_SUCH_OPERATION, NO_SUCH_SOURCE, or what a call failed with for good.
    """
    clients = Clients(region, concurrency)
    clients.wait_for_credentials(clock)
    dynamodb, s3, sqs = (clients.of(service) for service in ("dynamodb", "s3", "sqs"))
    meter = UsageMeter(jobs_table)
    for client in (dynamodb, s3, sqs):
        meter.watch(client)
    whole = _WholeClock(clock)
    table = patient_table(dynamodb, jobs_table)
    job = job_to_work_on(table, job_id)
    parts = WorkParts(
        dynamodb=dynamodb,
        s3=s3,
        jobs_table=jobs_table,
        results_bucket=results_bucket,
        reader=source_reader(job.source),
        operation=operation_work(job, twins or {}),
        concurrency=concurrency,
        clock=whole,
        on_unit=on_unit,
        on_overrun=on_overrun or _end_process,
    )
    capacity = CapacitySession(
        job,
        ledgers=dynamodb,
        limited=clients.of("dynamodb"),
        jobs_table=jobs_table,
        clock=clock,
        on_ledger_error=lambda error: on_trouble("the ledger does not answer", error),
    )
    send = _sender(sqs, _queue_of(job, unit_queue_url, writing_queue_url))
    if begun_for is not None and job.job_epoch != begun_for:
        return "stale"
    worker = Worker(
        job,
        table,
        capacity,
        parts,
        meter,
        send,
        on_trouble,
        stretch_ms=1000 * stretch_seconds,
        slot=slot,
        slots=slots,
    )
    return worker.run()


def patient_table(dynamodb: Any, name: str) -> JobsTable:
    """The jobs table, with calls that are repeated for as long as they fail for a passing reason.

    Nothing is held meanwhile.
    """
    return JobsTable(dynamodb, name, _patiently)


def job_to_work_on(table: JobsTable, job_id: str) -> Job:
    """The job. Raises SluiceError NO_SUCH_JOB."""
    job = JobStore(table).read(job_id)
    if job is None:
        raise SluiceError("NO_SUCH_JOB", f'Table {table.name} has no job "{job_id}".', value=job_id)
    return job


def operation_work(job: Job, twins: Mapping[str, str]) -> OperationWork:
    """The work of the job's operation:

    Sluice's own, or the Python twin of a user's. Raises SluiceError NO_SUCH_OPERATION.
    """
    is_twin = job.operation not in OPERATIONS and job.operation in twins
    return page_function(twins[job.operation]) if is_twin else operation_of(job.operation)


class Worker:
    def __init__(
        self,
        job: Job,
        table: JobsTable,
        capacity: CapacitySession,
        parts: WorkParts,
        meter: UsageMeter,
        send: Callable[[ChainTurn], None],
        on_trouble: Callable[[str, BaseException], None],
        *,
        stretch_ms: float,
        slot: int,
        slots: int,
    ) -> None:
        """`table`: with calls that are repeated for as long as it takes. `send`: puts a message into the unit queue."""
        self._job = job
        self._jobs = JobStore(table)
        self._capacity = capacity
        self._parts = parts
        self._chains = ChainStore(table)
        self._send = send
        self._on_trouble = on_trouble
        self._stretch_ms = stretch_ms
        # Until a stretch has begun.
        self._is_first = True
        self._hold_back_ms = max(_LOOK_MS, _LOOK_MS_PER_SLOT * slots)
        self._places = Places(job, self._chains, parts.clock, slot, meter)
        self._crew = Crew(self._jobs, parts.clock, capacity.use, slots)
        self._claims = Claims(job, self._jobs, UnitStore(table), parts.clock, self._crew.see)

    def run(self) -> str:
        """See `work_on_job`."""
        try:
            return self._run()
        finally:
            self._capacity.close()

    def _run(self) -> str:
        while True:
            over = self._over(self._jobs.head(self._job.id))
            if over is not None:
                return over
            outcome = self._outlived_stretch()
            if outcome is None or not outcome.goes_on:
                # It may have found no place for a next stretch. Others use its share meanwhile.
                self._capacity.close()
            if outcome is None or outcome.end == "retired":
                self._sleep(self._hold_back_ms)
            elif outcome.end == "waits":
                if self._wait():
                    return self._end()
            elif outcome.end == "ended":
                return self._end()
            elif outcome.end == "stopped":
                # Its end is published there.
                self._have_looked_at()
            elif outcome.end == "inactive":
                # If the job is active nevertheless, its ledgers will be resumed soon, or the trouble will pass.
                self._sleep(_LOOK_MS)
            elif outcome.at > 0:
                self._rest(outcome.at)

    def _over(self, head: JobHead | None) -> str | None:
        """What the job has come to. None: it is still to be worked on."""
        if head is None:
            return "gone"
        self._head = head
        self._crew.see(head)
        if not head.is_active:
            return head.state
        return None if head.job_epoch == self._job.job_epoch else "stale"

    def _outlived_stretch(self) -> StretchOutcome | None:
        """An error that passes, such as an outage of DynamoDB, ends no more than the stretch."""
        try:
            return self._stretch()
        except Exception as error:
            if not passes(error):
                raise
            self._on_trouble("a stretch was broken off", error)
            return StretchOutcome("inactive")

    def _stretch(self) -> StretchOutcome | None:
        """Works at a place of the crew. None: others have all places."""
        begun_at = self._parts.clock.now()
        time = divide_time(begun_at, self._stretch_ms)
        if self._is_first:
            time = spread_first(time, random.random)
        owner = f"spark/{uuid.uuid4()}"
        place = self._places.take(self._head, owner, lease_until(time))
        if place is None:
            return None
        if self._parts.clock.now() - begun_at > _LOOK_MS:
            # The table didn't answer. Little of the stretch is left, and the job may be another one now.
            self._places.release(place)
            return StretchOutcome("continued")
        self._is_first = False
        self._crew.begin(self._places.place_of(place))
        stretch = Stretch(
            self._job,
            owner,
            time,
            claims=self._claims,
            crew=self._crew,
            capacity=self._capacity,
            parts=self._parts,
        )
        outcome = None
        try:
            outcome = stretch.run()
            return outcome
        finally:
            if outcome is None or not outcome.goes_on:
                # Before the place is free, because the job and its ledgers may be deleted then.
                self._capacity.close()
            self._places.release(place)

    def _end(self) -> str:
        self._have_looked_at()
        return "ended"

    def _have_looked_at(self) -> None:
        """Has a worker on Lambda look at the job, with a message of chain 0 that isn't stale.

        The same as `nextTurn` of shared/engine/crew.ts. If a worker holds the chain, it may have looked at the units
        just before, and its turn is about to rise.
        """
        job = self._job
        chain = self._chains.read(job.id, 0)
        turn = 0 if chain is None else chain.turn + (chain.owner is not None)
        self._send({"job": job.id, "chain": 0, "turn": max(turn, first_turn(job.epoch))})

    def _wait(self) -> bool:
        """Waits until a unit is free or the job isn't active any more. True: until all units have ended."""
        while True:
            self._sleep(_LOOK_MS)
            if self._over(self._jobs.head(self._job.id)) is not None:
                return False
            found = self._claims.look()
            if found != "held":
                return found == "ended"

    def _rest(self, until: float) -> None:
        """Waits for capacity, which comes at `until`."""
        clock = self._parts.clock
        until = min(until, clock.now() + _LONGEST_REST_MS)
        while clock.now() < until:
            clock.sleep(min(_LOOK_MS, until - clock.now()))
            if self._over(self._jobs.head(self._job.id)) is not None:
                return

    def _sleep(self, ms: float) -> None:
        """Waits for about this long, so that many workers don't look at the same time."""
        self._parts.clock.sleep(ms * (0.75 + random.random() / 2))


class _WholeClock:
    """Whole milliseconds, as the records of workers on Lambda have them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return math.floor(self._clock.now())

    def sleep(self, ms: float) -> None:
        self._clock.sleep(ms)


def _patiently(call: Callable[[], Any]) -> Any:
    return retry_transient(call, threading.Event())


def _queue_of(job: Job, reading: str, writing: str | None) -> str:
    """The unit queue whose workers know the job's operation."""
    if job.target is None:
        return reading
    if writing is None:
        raise SluiceError("NO_WRITING_QUEUE", f"Job {job.id} changes a table, and the run has no --writing_queue_url.")
    return writing


def _sender(sqs: Any, queue_url: str) -> Callable[[ChainTurn], None]:
    """Sends messages to the unit queue, as shared/drivers/queue/unitQueue.ts does."""

    def send(turn: ChainTurn) -> None:
        body = json.dumps(turn, separators=(",", ":"))
        _patiently(lambda: sqs.send_message(QueueUrl=queue_url, MessageBody=body, MessageGroupId=turn["job"]))

    return send


def _end_process() -> None:
    print("A stretch outlasted its leases; the process ends, as others may go on with its units.", file=sys.stderr)
    sys.stderr.flush()
    os._exit(70)
