"""The one item through which all workers of a job share a capacity limit. See shared/capacity/ledger/ledgerItem.ts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from sluice.capacity.metering import CapacityLimits

Amount: TypeAlias = Literal["until", "reservations", "workers", "cost_sum", "cost_count"]
"""A number of the item that changes by addition."""


@dataclass(frozen=True)
class LedgerItem:
    until: float
    """The moment up to which capacity is promised. It is in the past while the ledger is idle."""
    reservations: float
    """How many reservations were granted, ever. Its growth between two of a worker's own reservations shows how many
    workers are active."""
    workers: float
    """Workers that opened and did not close. Only a hint: a crash leaves it too high, until active_workers.py corrects
    it."""
    cost_sum: float
    """The total cost of all requests so far, milliseconds of account time. See cost_estimate.py."""
    cost_count: float
    """How many requests those were."""
    limits: CapacityLimits
    paused: bool
    """While true nothing is granted."""
    factor: float
    """Share of the limits in force at `factor_at`, above 0 and at most 1; recovers from there, see throttle.py."""
    factor_at: float
    """When the last throttle was reported."""
    paused_members: tuple[str, ...] = ()
    """If several jobs share the ledger: members that are granted nothing."""


@dataclass(frozen=True)
class CostTotals:
    """What requests cost, summed up."""

    cost_sum: float = 0.0
    """Milliseconds of account time."""
    cost_count: float = 0.0


@dataclass(frozen=True)
class Requirements:
    """The requirements of a change. None: it doesn't matter."""

    unpaused: bool = False
    """The ledger as a whole is not paused."""
    member_unpaused: str | None = None
    """This member is not among those that are paused."""
    cost_known: bool | None = None
    """The cost of a request has been recorded (true), or none has yet (false)."""
    until_from: float | None = None
    """`until` is at least this."""
    until_to: float | None = None
    """`until` is at most this."""
    until_before: float | None = None
    """`until` is less than this."""
    factor_at_to: float | None = None
    """`factor_at` is at most this."""


@dataclass(frozen=True)
class MemberPause:
    """Adds a member to the paused ones, or removes it. Changes nothing if the member is already in that state."""

    name: str
    paused: bool


@dataclass(frozen=True)
class LedgerChange:
    """One conditional update. All requirements must hold, otherwise nothing is changed."""

    require: Requirements = Requirements()
    set: Mapping[str, Any] = field(default_factory=dict)
    """New values of the item's fields, `paused_members` excepted."""
    add: Mapping[Amount, float] = field(default_factory=dict)
    member: MemberPause | None = None


@dataclass(frozen=True)
class Updated:
    applied: bool
    item: LedgerItem | None
    """The item after the change, or the item that refused the change; None if there is no item."""


class LedgerStore(Protocol):
    """Where the item lives. Every method is one request to the store."""

    def create(self, item: LedgerItem) -> bool:
        """Writes the item unless there is one; true when written."""
        ...

    def read(self) -> LedgerItem | None:
        """The item, consistently read; None when there is none."""
        ...

    def update(self, change: LedgerChange) -> Updated:
        """Applies a change atomically."""
        ...
