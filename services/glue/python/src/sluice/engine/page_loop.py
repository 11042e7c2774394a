"""The loop over a unit's pages: read, operate, checkpoint. The same as shared/engine/pageLoop.ts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from sluice.clock import Clock
from sluice.engine.read_ahead import ReadAhead
from sluice.engine.unit_progress import PageDone, Progress, ProgressOptions, UnitProgress
from sluice.engine.unit_work import StretchEnd
from sluice.errors import SluiceError
from sluice.jobs.records import Checkpoint, Job, Unit, UnitCounts
from sluice.operations.operation import Page, Position
from sluice.sources.source import Source, SourcePage

T = TypeVar("T")


@dataclass(frozen=True)
class PageLoopOptions:
    job: Job
    unit: Unit
    source: Source
    clock: Clock
    stop_at: float
    """After this no further page is begun."""
    progress: ProgressOptions
    go_on: Callable[[], Literal["yes", "paused", "retired"]]
    """Whether this worker should go on; called after every page except the unit's last."""


@dataclass(frozen=True)
class _Refused:
    """Why the limiter lets no page through.

    `error`: the page's failure before it waited. `later`: when capacity comes. `begun`: the operation was at work on
    the page.
    """

    why: Literal["paused", "capacity"]
    error: BaseException | None = None
    later: float | None = None
    begun: bool = False


def work_pages(options: PageLoopOptions) -> StretchEnd:
    """Works page after page until the unit is exhausted, time is short, the job is paused, capacity comes too late,
    or this worker is not to go on. It operates on one page at a time, so a crash repeats little; see
    unit_progress.py.

    Raises the error of a page, once the pages before it are saved. It also does so if the page failed until its time
    for capacity was over and no page succeeded.
    """
    progress = UnitProgress(options.unit, options.progress)
    ahead = ReadAhead(options.source, options.progress.operation.writes, options.clock, options.stop_at)
    try:
        return _work_on(progress, ahead, options)
    except Exception as error:
        raise progress.save_before(error) from error.__cause__
    finally:
        ahead.end()


def _work_on(progress: UnitProgress, ahead: ReadAhead, options: PageLoopOptions) -> StretchEnd:
    while options.clock.now() < options.stop_at:
        page = _work_page(progress.newest, ahead, options)
        if isinstance(page, _Refused):
            return _refused(page, progress)
        progress.add(page)
        if progress.newest.cursor is None:
            return StretchEnd("exhausted", progress.settle())
        on = options.go_on()
        if on != "yes":
            return StretchEnd(on, progress.settle())
    return StretchEnd("stopped", progress.settle(), progressed=progress.pages > 0)


def _refused(refused: _Refused, progress: UnitProgress) -> StretchEnd:
    if refused.why == "paused":
        return StretchEnd("paused", progress.settle())
    progressed = progress.pages > 0
    if not progressed and refused.error is not None:
        raise refused.error
    unsaved = progress.settle()
    return StretchEnd("stopped", unsaved, progressed, waited=True, later=refused.later, begun=refused.begun)


def _work_page(before: Checkpoint, ahead: ReadAhead, options: PageLoopOptions) -> PageDone | _Refused:
    """Reads and operates on the page after a checkpoint."""
    operation, clock = options.progress.operation, options.clock
    page = _refusable(lambda: ahead.read(before.cursor))
    if isinstance(page, _Refused):
        return page
    given = _page_of(page, before, options)
    ahead.begin(page.cursor)
    begun_at = clock.now()

    def operate() -> Progress:
        result = operation.page(given, before.result, options.progress.tools)
        return Progress(page.cursor, _counts(before.counts, page), result)

    # A page's writes may meet a pause or the deadline. The unit's next worker repeats the page.
    progress = _refusable(operate) if operation.writes else operate()
    if isinstance(progress, _Refused):
        return replace(progress, begun=True)
    ms = clock.now() - begun_at
    ahead.worked(ms)
    return PageDone(progress, len(page.items), ms)


def _page_of(page: SourcePage, before: Checkpoint, options: PageLoopOptions) -> Page:
    job = options.job
    return Page(
        items=page.items,
        missing=page.missing,
        unreadable=page.unreadable,
        scanned_items=page.scanned_items,
        scanned_bytes=page.scanned_bytes,
        rcu=page.rcu,
        position=Position(job.id, options.unit.number, before.counts.pages),
        table=job.work["table"],
        keys=job.keys,
        target=job.target,
        params=job.params,
        last=page.cursor is None,
    )


def _counts(before: UnitCounts, page: SourcePage) -> UnitCounts:
    return UnitCounts(
        before.pages + 1,
        before.scanned_items + page.scanned_items,
        before.items + len(page.items) + len(page.missing) + len(page.unreadable),
        before.rcu + page.rcu,
    )


def _refusable(part: Callable[[], T]) -> T | _Refused:
    """Does a part of a page, or returns why the limiter refuses one of its requests."""
    try:
        return part()
    except SluiceError as error:
        if error.code == "capacity.paused":
            return _Refused("paused")
        if error.code == "capacity.deadline":
            return _Refused("capacity", error.__cause__)
        if error.code == "capacity.later":
            return _Refused("capacity", error.__cause__, error.value)
        raise
