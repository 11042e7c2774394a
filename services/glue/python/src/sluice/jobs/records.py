"""The records of jobs, units and chains: shared/jobs/{job,unit,chain,stores}.ts, the part that workers need.

All moments are milliseconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sluice.aws.item import Item, Json
from sluice.capacity.metering import CapacityLimits, Direction, Purpose
from sluice.jobs.attributes import plain_record

JobState: TypeAlias = Literal["starting", "running", "paused", "completed", "failed", "cancelled"]
UnitState: TypeAlias = Literal["active", "done", "failed"]


@dataclass(frozen=True)
class JobLimit:
    direction: Direction
    table: str
    limits: CapacityLimits
    """The limits as last set. The ledger has those in force."""
    is_lookup: bool = False
    """Limits the reads by which a dry run looks into the table that it would change."""

    @property
    def purpose(self) -> Purpose:
        """A job has at most one limit for each purpose."""
        return "lookup" if self.is_lookup else self.direction


@dataclass(frozen=True)
class JobEpoch:
    """One epoch of one job. An earlier, deleted job of the same id has another time of creation."""

    created_at: float
    number: int


@dataclass(frozen=True)
class JobHead:
    """The part of a job that changes; see shared/jobs/job.ts for the meaning of each field."""

    id: str
    work: Mapping[str, Any]
    state: JobState
    units: int
    epoch: int
    claimed: int
    chains: int
    limits: tuple[JobLimit, ...]
    limit_group: str | None
    estimated_items: float
    estimated_bytes: float
    created_at: float
    expires_at: int | None
    failures: int
    recounts: int
    failures_before: int
    most_failures: int | None
    most_failures_percent: float
    resumed_at: float | None

    @property
    def is_active(self) -> bool:
        """Whether workers should work on its units."""
        return self.state in ("starting", "running")

    @property
    def job_epoch(self) -> JobEpoch:
        return JobEpoch(self.created_at, self.epoch)


@dataclass(frozen=True)
class Job(JobHead):
    source: Mapping[str, Any]
    identity: Mapping[str, Any]
    """Identity of the source's table and index when the job began."""
    operation: str
    params: Mapping[str, Any]
    keys: tuple[str, ...] | None
    target: Mapping[str, Any] | None
    """The table that the operation changes, as it was when the job began. None: the operation changes no table."""
    target_identity: Mapping[str, Any] | None
    """Name of that table. None: it is the one that is read."""


@dataclass(frozen=True)
class UnitCounts:
    """Sums over all pages of a unit so far."""

    pages: int = 0
    scanned_items: int = 0
    items: int = 0
    rcu: float = 0
    failures: int = 0
    """Items that failed for good."""

    def record(self) -> dict[str, float]:
        record = {"pages": self.pages, "scannedItems": self.scanned_items, "items": self.items, "rcu": self.rcu}
        return {**record, "failures": self.failures} if self.failures > 0 else record

    @staticmethod
    def of(record: Mapping[str, Any]) -> UnitCounts:
        failures = record.get("failures", 0)
        return UnitCounts(record["pages"], record["scannedItems"], record["items"], record["rcu"], failures)


@dataclass(frozen=True)
class FailedItems:
    """Items of a job that were read, before the filter, and those that failed for good, by the units' checkpoints."""

    scanned_items: int
    failures: int


@dataclass(frozen=True)
class Unit:
    """The checkpoint of a unit; see shared/jobs/unit.ts."""

    number: int
    state: UnitState = "active"
    turn: int = 0
    owner: str | None = None
    lease_until: float | None = None
    attempts: int = 0
    cursor: Json = None
    """Where to continue; None at the start."""
    counts: UnitCounts = UnitCounts()
    result: Json = None
    """The operation's result of all pages so far; None before the first."""
    rcu_per_second: float = 0
    updated_at: float = 0
    wcu_per_second: float = 0
    reason: str | None = None
    retry_at: float | None = None


@dataclass(frozen=True)
class Checkpoint:
    """How far a unit has come. Values are absolute, so writing them twice has no further effect."""

    cursor: Json
    """Where the next page starts; None behind the last page."""
    counts: UnitCounts
    result: Json
    rcu_per_second: float
    wcu_per_second: float | None = None
    """None: the operation changes no table."""


@dataclass(frozen=True)
class Lease:
    """Who holds a unit or a chain: worker and turn."""

    job: str
    number: int
    """Of the unit or the chain."""
    owner: str
    turn: int


@dataclass(frozen=True)
class Ended:
    """Units that have ended since they were last added to the counts in the job's head."""

    done: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed, and when the next one is due."""

    reason: str
    retry_at: float


@dataclass(frozen=True)
class Chain:
    """Who holds a chain."""

    number: int
    turn: int
    owner: str | None
    lease_until: float | None


def head_of(record: Mapping[str, Any]) -> JobHead:
    return JobHead(**_head_fields(record))


def job_of(record: Mapping[str, Any]) -> Job:
    operation, keys = record["operation"], record.get("keys")
    return Job(
        **_head_fields(record),
        source=record["source"],
        identity=record["identity"],
        operation=operation["name"],
        params=operation["params"],
        keys=None if keys is None else tuple(keys),
        target=record.get("target"),
        target_identity=record.get("targetIdentity"),
    )


def unit_of(number: int, item: Item | None) -> Unit:
    """A unit as it is in the table. Attributes that it lacks, or that weren't read, are as before any worker took
    it."""
    record = plain_record(item or {})
    fields = {python: record[name] for python, name in _UNIT_FIELDS.items() if name in record}
    if "counts" in fields:
        fields["counts"] = UnitCounts.of(fields["counts"])
    return Unit(**{"number": number, **fields})


def chain_of(item: Item) -> Chain:
    record = plain_record(item)
    return Chain(record["number"], record["turn"], record.get("owner"), record.get("leaseUntil"))


_UNIT_FIELDS = {
    "number": "number",
    "state": "state",
    "turn": "turn",
    "owner": "owner",
    "lease_until": "leaseUntil",
    "attempts": "attempts",
    "cursor": "cursor",
    "counts": "counts",
    "result": "result",
    "rcu_per_second": "rcuPerSecond",
    "updated_at": "updatedAt",
    "wcu_per_second": "wcuPerSecond",
    "reason": "reason",
    "retry_at": "retryAt",
}


def _head_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": record["id"],
        "work": record["work"],
        "state": record["state"],
        "units": record["units"],
        "epoch": record["epoch"],
        "claimed": record["claimed"],
        "chains": record["chains"],
        "limits": tuple(_limit_of(limit) for limit in record["limits"]),
        "limit_group": record.get("limitGroup"),
        "estimated_items": record["estimatedItems"],
        "estimated_bytes": record["estimatedBytes"],
        "created_at": record["createdAt"],
        "expires_at": record.get("expiresAt"),
        "failures": record.get("failures", 0),
        "recounts": record.get("recounts", 0),
        "failures_before": record.get("failuresBefore", 0),
        "most_failures": record.get("mostFailures"),
        "most_failures_percent": record.get("mostFailuresPercent", 0),
        "resumed_at": record.get("resumedAt"),
    }


def _limit_of(record: Mapping[str, Any]) -> JobLimit:
    limits = CapacityLimits(record["limits"]["table"], record["limits"].get("indexes") or {})
    return JobLimit(record["direction"], record["table"], limits, record.get("purpose") == "lookup")
