"""One worker's work on a unit that it has taken, until the unit ends or the worker puts it down.

The same as shared/engine/unitWork.ts.

- The lease lasts as long as the stretch can, so its holder is stopped before anybody else may take the unit. Only the
  holder's writes to the unit take effect.
- An attempt counts as failed unless it made progress or waited for capacity. After too many failed attempts in a row
  the unit is given up.
- A unit that is given up gets the last turn of its epoch, so nobody takes it before the job is resumed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sluice.clock import Clock
from sluice.engine.turns import last_turn
from sluice.errors import SluiceError, describe_error
from sluice.jobs.records import Checkpoint, Failure, Job, Lease, Unit
from sluice.jobs.stores import UnitStore


@dataclass(frozen=True)
class StretchEnd:
    """How a worker's stretch of work on a unit ended.

    `exhausted`: the unit has no further page. `paused`: the job was paused, stopped or cancelled. `retired`: the job
    has more workers than it needs. `stopped`: time is nearly over, or capacity comes too late to wait for.
    """

    end: Literal["exhausted", "paused", "retired", "stopped"]
    checkpoint: Checkpoint | None = None
    """Progress since the last saved checkpoint; for an exhausted unit, its last checkpoint."""
    progressed: bool = False
    """A page was read."""
    waited: bool = False
    """At the end the worker waited for capacity."""
    later: float | None = None
    """When the next page may be read, if that is too late to wait for."""
    begun: bool = False
    """It waited in the middle of a page, which the next attempt has to repeat."""


@dataclass(frozen=True)
class UnitEnd:
    """The outcome of the work on a unit.

    `stopped`: put down in good order because time is over; `retried`: put down after a failed attempt, to be taken up
    at `at`; `lost`: another worker has it; `fatal`: put down because no unit of the job can be done, and `reason`.
    """

    end: Literal["done", "failed", "stopped", "retried", "lost", "paused", "retired", "fatal"]
    reason: str | None = None
    at: float | None = None
    """Of `stopped`: when capacity comes, if that is later; of `retried`: when the next attempt is due."""


@dataclass(frozen=True)
class WorkTools:
    save: Callable[[Checkpoint], None]
    """Makes a page's progress durable. Raises when the lease is lost."""
    note: Callable[[BaseException, float], None]
    """Notes in the unit's record that one call has been failing since then. Never raises."""


@dataclass(frozen=True)
class UnitWorkOptions:
    units: UnitStore
    notes: UnitStore
    """The same without retries."""
    clock: Clock
    work: Callable[[Job, Unit, WorkTools], StretchEnd]
    """Works on a unit from its checkpoint."""
    tables_problem: Callable[[Job], str | None]
    """Why the tables are not those that the job began with; None if they are."""
    is_transient: Callable[[BaseException], bool]
    """Whether the same page may succeed later."""
    verdict: Callable[[BaseException, Job], str | None]
    """Why no unit of the job can be done any more, if the error means that; None: another unit may succeed."""
    backoff_ms: Callable[[int], float]
    """How long a unit waits after so many attempts without progress."""
    on_checkpoint: Callable[[Job], None]
    """Called after each checkpoint."""


MOST_ATTEMPTS = 20
"""Attempts without progress before a unit is given up: crashes and passing errors."""
MOST_LASTING_ATTEMPTS = 3
"""The same for errors that look lasting."""
MOST_HALVINGS = 10
"""Attempts that end in the middle of a page count up to this number: so often the first page is halved (see budget.py).
"""


class UnitWork:
    """`late`: earlier units used part of the stretch's time: then too little time for a page is no failure."""

    def __init__(self, job: Job, unit: Unit, lease: Lease, late: bool, options: UnitWorkOptions) -> None:
        self._job = job
        self._unit = unit
        self._lease = lease
        self._late = late
        self._options = options
        self._attempts = unit.attempts

    def run(self) -> UnitEnd:
        """Raises the error of a store that failed for good."""
        try:
            return self._attempt()
        except SluiceError as error:
            if error.code == "LEASE_LOST":
                return UnitEnd("lost")
            raise

    def _attempt(self) -> UnitEnd:
        if self._attempts > MOST_ATTEMPTS:
            return self._give_up(self._unit.reason or "its worker stopped each time before it could record why")
        # The end is recorded outside, because a transient error of the recording is not an error of the work.
        try:
            why = self._options.tables_problem(self._job)
            stretch = None if why is not None else self._options.work(self._job, self._unit, self._tools())
        except Exception as error:
            if _is_lost(error):
                raise
            return self._failed(error)
        if stretch is None:
            return self._fatal(str(why))
        try:
            return self._record(stretch)
        except Exception as error:
            # A record that is too large, for example, is too large for the next worker too.
            if isinstance(error, SluiceError) or self._options.is_transient(error):
                raise
            return self._failed(error)

    def _record(self, stretch: StretchEnd) -> UnitEnd:
        if stretch.end == "exhausted":
            return self._finish(stretch.checkpoint)
        if stretch.end == "stopped" and not (stretch.progressed or stretch.waited or self._late):
            return self._failed(
                SluiceError("NO_PROGRESS", "The time was over before a page was begun.", retryable=True)
            )
        self._release(stretch.checkpoint, stretch.begun)
        return UnitEnd(stretch.end, at=stretch.later)

    def _tools(self) -> WorkTools:
        return WorkTools(self._save, self._note)

    def _save(self, checkpoint: Checkpoint) -> None:
        self._held(self._options.units.save(self._lease, checkpoint, self._options.clock.now()))
        self._attempts = 0
        self._options.on_checkpoint(self._job)

    def _note(self, error: BaseException, since: float) -> None:
        try:
            self._options.notes.note(self._lease, describe_error(error), since)
        except Exception:
            # It does no harm: the attempt's last error is recorded anyway.
            pass

    def _finish(self, checkpoint: Checkpoint | None) -> UnitEnd:
        assert checkpoint is not None  # The page that exhausted the unit is new.
        self._held(self._options.units.finish(self._lease, checkpoint, self._options.clock.now()))
        self._options.on_checkpoint(self._job)
        return UnitEnd("done")

    def _release(self, unsaved: Checkpoint | None = None, begun: bool = False) -> None:
        """An attempt that ended in good order does not count. `begun`: it ended in the middle of a page."""
        without = self._attempts if begun and self._attempts <= MOST_HALVINGS else max(0, self._attempts - 1)
        attempts = without if unsaved is None else 0
        self._held(self._options.units.release(self._lease, self._options.clock.now(), attempts, unsaved))
        if unsaved is not None:
            self._options.on_checkpoint(self._job)

    def _failed(self, error: BaseException) -> UnitEnd:
        why = self._options.verdict(error, self._job)
        if why is not None:
            return self._fatal(why)
        reason = describe_error(error)
        most = MOST_ATTEMPTS if self._options.is_transient(error) else MOST_LASTING_ATTEMPTS
        if self._attempts >= most:
            return self._give_up(reason)
        attempts = max(1, self._attempts)
        now = self._options.clock.now()
        failure = Failure(reason, now + self._options.backoff_ms(attempts))
        self._held(self._options.units.release(self._lease, now, attempts, failure=failure))
        return UnitEnd("retried", reason, failure.retry_at)

    def _fatal(self, why: str) -> UnitEnd:
        self._release()
        return UnitEnd("fatal", why)

    def _give_up(self, why: str) -> UnitEnd:
        reason = f"{why} ({self._attempts} attempts)"
        turn = last_turn(self._job.epoch)
        self._held(self._options.units.fail(self._lease, self._options.clock.now(), turn, reason))
        return UnitEnd("failed", reason)

    def _held(self, ok: bool) -> None:
        if not ok:
            message = f"unit {self._lease.number} of job {self._lease.job} was taken by another worker"
            raise SluiceError("LEASE_LOST", message, retryable=True)


def _is_lost(error: Exception) -> bool:
    return isinstance(error, SluiceError) and error.code == "LEASE_LOST"
