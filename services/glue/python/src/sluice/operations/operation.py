"""The contract of operations: shared/operations/operation.ts, the part that workers need."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sluice.aws.item import Item, Json
from sluice.capacity.metering import CapacityLimits, Consumption, Purpose
from sluice.sources.source import UnreadableLine


@dataclass(frozen=True)
class Position:
    job: str
    unit: int
    """Number of the unit, from 0."""
    page: int
    """Number of the page within the unit, from 0."""


@dataclass(frozen=True)
class Page:
    items: Sequence[Item]
    """The items that passed the filter."""
    missing: Sequence[Item]
    """Keys of items that the source names and that don't exist."""
    unreadable: Sequence[UnreadableLine]
    """Lines of the source that name no item."""
    scanned_items: int
    scanned_bytes: float
    rcu: float
    position: Position
    table: str
    """Name of the table whose items these are."""
    keys: Sequence[str] | None
    """Names of that table's key attributes, the partition key first. None: not known."""
    target: Mapping[str, Any] | None
    """The job record's `target`, which is the table that the operation changes. None: it changes none."""
    params: Mapping[str, Any]
    """The job's parameters for this operation."""
    last: bool
    """True if the unit ends with this page."""


class Entries(Protocol):
    """Numbered records of each unit. An entry that is put again replaces the one before."""

    def put(self, unit: int, number: int, value: Mapping[str, Any]) -> None:
        """Durable once it returns."""
        ...


@dataclass(frozen=True)
class Tools:
    dynamodb: Any
    """A boto3 client of DynamoDB. Its requests to the job's tables share the job's limits."""
    s3: Any
    bucket: str
    """Bucket for large results."""
    prefix: str
    """Key prefix of this job's objects, ending in `/`."""
    entries: Entries
    limits: Callable[[Purpose], CapacityLimits | None]
    """The present limit of all workers together; None: no limit."""
    request_ms: Callable[[Purpose], float | None]
    """Average duration of a request lately, without its wait for capacity, milliseconds; None while it is unknown."""
    consumed: Callable[[Purpose], Consumption]
    """The consumption of requests for a purpose since the worker's stretch began, under the job's limit."""
    stop: threading.Event
    """Set when the time for work is over, or the worker is to end."""
    retry: Callable[[Callable[[], Any]], Any]
    """Repeats a call for as long as it fails for a transient reason and time remains."""
    concurrency: int = 16
    """Most requests under way at once."""


class OperationWork(Protocol):
    """The work of an operation. A function of the queue driver ends the job."""

    pure: bool
    """True if it only computes its result. Checkpoints are then about a second apart, instead of after every page."""
    writes: bool
    """True if its pages write to the table that the job changes, so that a page may be interrupted half-way."""

    def page(self, page: Page, so_far: Json, tools: Tools) -> Json:
        """The unit's result with the page in it, in the JSON form of the TypeScript operation of the same name."""
        ...

    def flush(self, result: Json, tools: Tools) -> Json:
        """Makes the effects of the pages since the last checkpoint durable, and returns the result that includes
        them."""
        ...

    def failures(self, result: Json) -> int:
        """How many items failed for good, by a unit's result."""
        ...
