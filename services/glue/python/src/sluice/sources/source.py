"""The contract of sources: shared/sources/source.ts, the part that workers need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sluice.aws.item import Item, Json
from sluice.capacity.metering import Purpose

T = TypeVar("T")


@dataclass(frozen=True)
class UnreadableLine:
    line: str
    """Its first 200 characters."""
    reason: str
    """Its problem, a sentence."""


@dataclass(frozen=True)
class SourcePage:
    items: Sequence[Item]
    """The items that passed the filter, in the source's form."""
    scanned_items: int
    """Items read, before the filter."""
    scanned_bytes: float
    """Bytes read, before the filter: exact, or what the page was charged for, which is up to 4 KB more."""
    cursor: Json
    """Where the next page starts, in the form that the TypeScript source of this kind writes; None behind the last."""
    rcu: float
    """Read capacity units it consumed."""
    missing: Sequence[Item] = ()
    """Keys of items that the source names and that are known not to exist."""
    unreadable: Sequence[UnreadableLine] = ()
    """Lines of the source that name no item of the table."""


class Source(Protocol):
    """One unit, ready to be read."""

    def read(self, cursor: Json) -> SourcePage:
        """Reads the page that starts at `cursor` (None: the first); waits for capacity if there is a limit."""
        ...

    def close(self) -> None:
        """Releases what it keeps open between pages."""
        ...


class PageBudget(Protocol):
    """How large a page may be. The answers change while a job runs."""

    def per_second(self, purpose: Purpose) -> float | None:
        """Capacity units per second that all workers together may consume now; None: there is no limit."""
        ...

    def most_items(self, passed: float = 1) -> float | None:
        """The most items that a page may read, so that the operation can finish them in time; None: no bound.

        `passed`: the share of recently read items that passed the filter.
        """
        ...


@dataclass(frozen=True)
class UnitOfSource:
    """The parts of a job that a source needs to open a unit."""

    spec: Mapping[str, Any]
    """The `source` of the job's record."""
    unit: int
    """Number of the unit, from 0."""
    units: int
    """How many the source was split into."""
    average_bytes: float | None
    """Average bytes of an item; None: not known."""
    before: Mapping[str, float] = field(default_factory=dict)
    """The unit's counts so far: `pages`, `scannedItems`, `items`, `rcu`."""


@dataclass(frozen=True)
class SourceTools:
    dynamodb: Any
    """A boto3 client of DynamoDB. Its capacity is limited where the client is created."""
    s3: Any
    """A boto3 client of S3. It isn't limited."""
    budget: PageBudget
    retry: Callable[[Callable[[], Any]], Any]
    """Repeats a call until it succeeds, fails for good, or the time for work is over."""


class SourceReader(Protocol):
    """The part of a kind of source that workers need."""

    kind: str

    def open(self, unit: UnitOfSource, tools: SourceTools) -> Source: ...

    def identify(self, spec: Mapping[str, Any], dynamodb: Any) -> Mapping[str, Any]:
        """The source's identity now, in the form of the job record's `identity`."""
        ...

    def verdict(self, error: BaseException, spec: Mapping[str, Any]) -> str | None:
        """Why no unit of the source can be read any more, if the error means that."""
        ...
