"""The options of the senders of writes. The same as WriterOptions in shared/writing/statementSender.ts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sluice.capacity.metering import CapacityLimits


@dataclass(frozen=True, slots=True)
class WriterOptions:
    client: Any
    """A boto3 client of DynamoDB, which tries once. Its requests wait for capacity."""
    retry: Callable[[Callable[[], Any]], Any]
    """Repeats a call for as long as it fails for a transient reason and time remains."""
    limits: Callable[[], CapacityLimits | None]
    """The present write limit of all workers together; None: no limit."""
    concurrency: int
    """Most requests under way at once."""
    units_per_write: float | None = None
    """The assumed cost of a write before the first response, capacity units. None: it is computed from the writes."""
    request_ms: Callable[[], float | None] = lambda: None
    """Average duration of a request lately, without its wait for capacity, milliseconds; None while it is unknown."""
