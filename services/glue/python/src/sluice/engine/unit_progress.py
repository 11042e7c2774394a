"""The progress of a unit within one worker's stretch of work: shared/engine/unitProgress.ts.

It saves a checkpoint

- after every page, if the operation may have side effects;
- before the unsaved pages, with the next one, exceed a second, if the operation changes a table;
- before the unsaved pages, with the next one, exceed what the job may read in a second, or four seconds of this
  worker's time, otherwise.

So a crash repeats what the job reads in a second, or one page if that is more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sluice.aws.item import Json
from sluice.clock import Clock
from sluice.engine.budget import Budget
from sluice.engine.moving_rate import moving_rate
from sluice.errors import SluiceError
from sluice.jobs.records import Checkpoint, Unit, UnitCounts
from sluice.operations.operation import OperationWork, Tools

_REPEATED_MS = 1000
"""Without a limit, a crash repeats at most this much reading. A longer page is repeated as a whole."""
_REPEATED_AT_LIMIT_MS = 1100
"""The same as the time that reading takes at the limit. Pages are sized to fit into a second with 8 % over."""
_BETWEEN_STRETCHES_MS = 60_000
"""A unit that rests longer than this was not worked on in between; then the rest doesn't count for its rate."""
_LONGEST_MS = 4000
"""With a limit, a crash repeats at most this much of one worker's time."""


@dataclass(frozen=True)
class Progress:
    """A checkpoint without its rates."""

    cursor: Json
    counts: UnitCounts
    result: Json


@dataclass(frozen=True)
class PageDone:
    """A page that the operation has finished."""

    progress: Progress
    items: int
    """Items that the operation received."""
    ms: float
    """The time it took for them."""


@dataclass(frozen=True)
class ProgressOptions:
    operation: OperationWork
    tools: Tools
    budget: Budget
    clock: Clock
    save: Callable[[Checkpoint], None]
    """Makes progress durable. Raises when the lease is lost."""
    on_failures: Callable[[int], None]
    """Called with the number of further items that failed for good, before the checkpoint that has them."""
    every_page: bool
    """A page's effects are durable when it is done, so each page has its checkpoint."""
    longest_wait_ms: float
    """If a wait for capacity would be longer, the stretch ends with unsaved progress instead of a checkpoint before it.
"""


class UnitProgress:
    def __init__(self, unit: Unit, options: ProgressOptions) -> None:
        self._options = options
        self.pages = 0
        """Pages of this stretch."""
        wcu = unit.wcu_per_second if options.operation.writes else None
        self._checkpoint = Checkpoint(unit.cursor, unit.counts, unit.result, unit.rcu_per_second, wcu)
        self._written = self._written_so_far()
        self._failures = self._failures_in(unit.result)
        self._durable_at = options.clock.now()
        # Whether the unit was read until shortly before this stretch. Then the time in between counts for its rate.
        self._continues = unit.counts.pages > 0 and self._durable_at - unit.updated_at < _BETWEEN_STRETCHES_MS
        self._page_ended_at = unit.updated_at if self._continues else self._durable_at
        self._at_limit_ms = 0.0
        self._open: tuple[int, float] | None = None

    @property
    def newest(self) -> Checkpoint:
        """How far the unit has come, durable or not."""
        return self._checkpoint

    def add(self, page: PageDone) -> None:
        """Adds a page, and makes the progress durable if it is time for that.

        The unit's last page is left to `settle`.
        """
        now = self._options.clock.now()
        rcu = page.progress.counts.rcu - self._checkpoint.counts.rcu
        took_ms = now - self._page_ended_at
        rate = self._checkpoint.rcu_per_second
        # The limiter doesn't wait before the very first page; it waits out that page's cost afterwards.
        if self.pages > 0 or self._continues:
            rate = moving_rate(rate, rcu, took_ms / 1000)
        wcu = self._writing_rate(took_ms / 1000)
        at_limit_ms = self._wait_ms(rcu)
        self.pages += 1
        self._at_limit_ms += at_limit_ms
        self._page_ended_at = now
        progress = page.progress
        self._checkpoint = Checkpoint(progress.cursor, progress.counts, progress.result, rate, wcu)
        items, ms = self._open or (0, 0.0)
        self._open = (items + page.items, ms + page.ms)
        if progress.cursor is not None and self._is_due(now, took_ms, at_limit_ms):
            self.save()

    def save(self) -> None:
        """Saves unsaved progress, if there is any."""
        unsaved = self.settle()
        if unsaved is None:
            return
        self._options.save(unsaved)
        self._durable_at = self._options.clock.now()
        self._at_limit_ms = 0

    def settle(self) -> Checkpoint | None:
        """Makes the effects of all pages durable.

        Returns the checkpoint that the caller has to write then; None if nothing is new.
        """
        if self._open is None:
            return None
        options, (items, ms) = self._options, self._open
        begun_at = options.clock.now()
        self._checkpoint = replace(
            self._checkpoint, result=options.operation.flush(self._checkpoint.result, options.tools)
        )
        options.budget.observe(items, ms + options.clock.now() - begun_at)
        self._open = None
        self._count_failures()
        return self._checkpoint

    def save_before(self, error: Exception) -> Exception:
        """Saves the pages before an error. Returns that error, or that of saving if the lease is lost."""
        try:
            self.save()
        except SluiceError as of_saving:
            if of_saving.code == "LEASE_LOST":
                return of_saving
        except Exception:
            # The error that came first says more.
            pass
        return error

    def _written_so_far(self) -> float:
        return self._options.tools.consumed("write").table if self._options.operation.writes else 0

    def _writing_rate(self, seconds: float) -> float | None:
        """The writing rate after a page. Writes are spread over their page, so the first one counts too."""
        if not self._options.operation.writes:
            return None
        before, self._written = self._written, self._written_so_far()
        return moving_rate(self._checkpoint.wcu_per_second or 0, self._written - before, seconds)

    def _count_failures(self) -> None:
        failures = self._failures_in(self._checkpoint.result)
        further, self._failures = failures - self._failures, failures
        self._checkpoint = replace(self._checkpoint, counts=replace(self._checkpoint.counts, failures=failures))
        if further > 0:
            self._options.on_failures(further)

    def _failures_in(self, result: Json) -> int:
        return 0 if result is None else self._options.operation.failures(result)

    def _is_due(self, now: float, next_ms: float, next_at_limit_ms: float) -> bool:
        """Whether to save now, if the next page is like the last one, by its real time and by its time at the limit."""
        if self._options.every_page:
            return True
        since_ms = now - self._durable_at
        # Writes are spread over the time of a page, so time shows what a crash repeats.
        if self._options.operation.writes:
            return since_ms + next_ms > _REPEATED_AT_LIMIT_MS
        if max(next_ms, next_at_limit_ms) > self._options.longest_wait_ms:
            return since_ms > _REPEATED_MS
        if next_at_limit_ms == 0:
            return since_ms + next_ms > _REPEATED_MS
        return self._at_limit_ms + next_at_limit_ms > _REPEATED_AT_LIMIT_MS or since_ms + next_ms > _LONGEST_MS

    def _wait_ms(self, rcu: float) -> float:
        """How long a page of this cost takes at the limit: the limiter lets it pass and waits before the next."""
        rate = self._options.budget.per_second("read")
        return 0 if rate is None else (1000 * rcu) / rate
