"""Operations that bring each item of a page to its outcome, by conditional writes or, in a dry run, by finding out what
they would do.

The same as shared/operations/changeItems.ts, but for the end of the job, which is left to TypeScript.

    page ─► decide on each item ─► (put former values) ─► write ─► settled ─► next page …
    flush ─► put the failures since the last checkpoint ─► (checkpoint)

Every item is in exactly one outcome of exactly one result that counts: a page whose result was lost is repeated, meets
its own writes and counts them as `already`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeAlias, cast

from sluice.aws.item import Item, Json
from sluice.capacity.metering import Consumption, Purpose, since_consumption
from sluice.operations.operation import Page, Tools
from sluice.results.stored_object import remove_object
from sluice.tables.schema import TableSchema
from sluice.writing.before.journal import BeforeJournal
from sluice.writing.before.recording_writer import RecordingWriter
from sluice.writing.conditional_write import ConditionalWriter, Decide
from sluice.writing.dry_run import dry_run
from sluice.writing.failure_list import CONFLICT, FailureRecord, failure_key, put_failures
from sluice.writing.item_key import key_of
from sluice.writing.options import WriterOptions
from sluice.writing.read_items import ItemReader
from sluice.writing.settle_items import settle_items
from sluice.writing.settled import Settled
from sluice.writing.writer import Writer
from sluice.writing.written import add_written, consumption_json, nothing_written

Settle: TypeAlias = Callable[[Sequence[Item]], list[Settled]]
"""Brings items to their outcomes, in their order."""

_CHANGED_EACH_TIME = "Others changed the item each time between reading and writing."


@dataclass(frozen=True)
class Ground:
    """The parts of a page that an operation needs to decide on its items."""

    params: Mapping[str, Any]
    table: str
    """Name of the table that is read."""
    keys: Sequence[str]
    """Names of its key attributes."""
    target: TableSchema
    job: str
    """Id of the job."""

    def key_of(self, item: Item) -> Item:
        """The key of an item as it was read."""
        return key_of(item, self.table, self.keys)


def writer_options(tools: Tools, purpose: Purpose = "write") -> WriterOptions:
    """For writers, and for readers of items with another purpose."""
    limits, request_ms = partial(tools.limits, purpose), partial(tools.request_ms, purpose)
    return WriterOptions(tools.dynamodb, tools.retry, limits, tools.concurrency, request_ms=request_ms)


class ChangeItems(ABC):
    """Works on one unit after the other, and on its pages one after the other."""

    pure = False
    writes = True

    def __init__(self) -> None:
        self._stretch: _Stretch | None = None
        self._reader: tuple[Tools, ItemReader] | None = None
        """Of a dry run: created once for pages with the same tools."""

    @abstractmethod
    def decider(self, ground: Ground) -> Decide:
        """Decides on each item; created once for the pages of a stretch of work."""

    def settler(self, ground: Ground, tools: Tools) -> Settle | None:
        """Settles the items of a page. None: by conditional writes, according to `decider`."""
        return None

    def page(self, page: Page, so_far: Json, tools: Tools) -> Json:
        earlier = cast(Mapping[str, Any], nothing_written() if so_far is None else so_far)
        is_dry = page.params.get("dryRun") is True
        ended = self._found_out(page, earlier, tools) if is_dry else self._written(page, earlier, tools)
        failures = _failures_of(page, ended.settled)
        total = add_written(earlier, _result_of(page, ended, failures))
        pending = _Pending(page.position.unit, [*_pending_of(earlier), *failures], page.last)
        return _Unflushed({**total, **ended.more}, pending)

    def flush(self, result: Json, tools: Tools) -> Json:
        if not isinstance(result, _Unflushed):
            return result
        objects = result["failureObjects"]
        key = failure_key(tools.prefix, result.pending.unit, objects)
        if result.pending.failures:
            put_failures(tools, key, result.pending.failures)
            return {**result, "failureObjects": objects + 1}
        if result.pending.last:
            # Objects that an attempt without a checkpoint may have left.
            remove_object(tools, key)
        return {**result}

    def failures(self, result: Json) -> int:
        return cast(int, cast(Mapping[str, Any], result)["outcomes"]["failed"])

    def _found_out(self, page: Page, so_far: Mapping[str, Any], tools: Tools) -> _Ended:
        """What writes would do."""
        ground, before = _ground_of(page), tools.consumed("lookup").table
        # A job without a limit on lookups doesn't look into the table.
        look_up = None if tools.limits("lookup") is None else self._reader_of(ground, tools).read
        found = dry_run(
            page.items, self.decider(ground), ground.key_of, ground.target, so_far.get("examples", []), look_up
        )
        lookup_rcu = tools.consumed("lookup").table - before
        return _Ended(found.settled, found.consumed, {"examples": found.examples}, lookup_rcu)

    def _reader_of(self, ground: Ground, tools: Tools) -> ItemReader:
        """It learns what a lookup costs."""
        if self._reader is None or self._reader[0] is not tools:
            self._reader = (tools, ItemReader(ground.target.name, writer_options(tools, "lookup")))
        return self._reader[1]

    def _written(self, page: Page, so_far: Mapping[str, Any], tools: Tools) -> _Ended:
        before = tools.consumed("write")
        stretch = self._stretch_of(page, so_far, tools)
        settled = stretch.settle(page.items)
        more = {} if stretch.journal is None else {"beforeObjects": stretch.journal.objects}
        return _Ended(settled, since_consumption(tools.consumed("write"), before), more)

    def _stretch_of(self, page: Page, so_far: Mapping[str, Any], tools: Tools) -> _Stretch:
        if self._stretch is None or self._stretch.tools is not tools:
            ground, journal = _ground_of(page), None
            if page.params.get("keepBefore") is True:
                journal = BeforeJournal(tools, tools.prefix, page.position.unit, so_far["beforeObjects"])
            settle = self.settler(ground, tools) or self._by_writes(ground, tools, journal)
            self._stretch = _Stretch(tools, settle, journal)
        return self._stretch

    def _by_writes(self, ground: Ground, tools: Tools, journal: BeforeJournal | None) -> Settle:
        writer: ConditionalWriter = Writer(ground.target.name, writer_options(tools))
        if journal is not None:
            writer = RecordingWriter(writer, journal)
        decide = self.decider(ground)
        return lambda items: settle_items(items, decide, ground.key_of, writer)


class _Stretch(NamedTuple):
    """Objects that are created once for pages with the same tools."""

    tools: Tools
    settle: Settle
    journal: BeforeJournal | None
    """None: former values are not kept."""


class _Ended(NamedTuple):
    """The outcomes of the items of a page."""

    settled: Sequence[Settled]
    consumed: Consumption
    more: Mapping[str, Any]
    """Fields of the unit's result that it replaces."""
    lookup_rcu: float = 0


class _Pending(NamedTuple):
    """What a worker holds until the next checkpoint."""

    unit: int
    failures: list[FailureRecord]
    last: bool
    """The unit ends."""


class _Unflushed(dict[str, Any]):
    """A unit's result whose failures aren't all durable."""

    def __init__(self, result: Mapping[str, Any], pending: _Pending) -> None:
        super().__init__(result)
        self.pending = pending


def _pending_of(result: Mapping[str, Any]) -> list[FailureRecord]:
    return result.pending.failures if isinstance(result, _Unflushed) else []


def _ground_of(page: Page) -> Ground:
    assert page.target is not None, "an operation that changes a table has one"
    target = TableSchema.of(page.target)
    return Ground(page.params, page.table, target.keys if page.keys is None else page.keys, target, page.position.job)


def _failures_of(page: Page, settled: Sequence[Settled]) -> list[FailureRecord]:
    keeps_items = page.params.get("keepItems") is True
    failures = []
    for item, key, outcome, failure, _ in settled:
        kept = item if keeps_items else None
        if failure is not None:
            failures.append(FailureRecord(key, failure.code, failure.reason, failure.attempts, kept))
        elif outcome == "conflict":
            failures.append(FailureRecord(key, CONFLICT, _CHANGED_EACH_TIME, 0, kept))
    lines = [FailureRecord(None, "UNREADABLE_LINE", each.reason, 0, line=each.line) for each in page.unreadable]
    return failures + lines


def _result_of(page: Page, ended: _Ended, failures: Sequence[FailureRecord]) -> Mapping[str, Any]:
    """The result of a page by itself."""
    outcomes = Counter(each.outcome for each in ended.settled)
    outcomes["gone"] += len(page.missing)
    outcomes["failed"] += len(page.unreadable)
    codes = Counter(failure.code for failure in failures)
    return {
        **nothing_written(),
        "outcomes": outcomes,
        "consumed": consumption_json(ended.consumed),
        "failures": codes,
        "lookupRcu": ended.lookup_rcu,
    }
