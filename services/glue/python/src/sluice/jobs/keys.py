"""Keys of the jobs table, as shared/jobs/storage/jobsTable.ts has them. Its header lists the items."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, TypeAlias

from sluice.capacity.metering import Direction

Key: TypeAlias = dict[str, Any]

CHAIN_PREFIX = "chain#"
UNIT_PREFIX = "unit#"
ENTRY_PREFIX = "entry#"
AUDIT_PREFIX = "audit#"
JOB_PREFIX = "job"
"""Prefixes of the sort keys of one kind of item of a job."""


def partition_of(job: str) -> str:
    return f"job#{job}"


def job_key(job: str) -> Key:
    return _key(partition_of(job), "job")


def unit_key(job: str, number: int) -> Key:
    return _key(partition_of(job), UNIT_PREFIX + _padded(number))


def chain_key(job: str, number: int) -> Key:
    return _key(partition_of(job), CHAIN_PREFIX + _padded(number))


def entry_key(job: str, unit: int, number: int) -> Key:
    return _key(partition_of(job), f"{ENTRY_PREFIX}{_padded(unit)}#{_padded(number)}")


def audit_key(job: str, at: float, suffix: str) -> Key:
    """In the order of time. `at`: milliseconds since the epoch."""
    time = datetime.fromtimestamp(at / 1000, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _key(partition_of(job), f"{AUDIT_PREFIX}{time}#{suffix}")


def ledger_key(owner: str, direction: Direction, table: str) -> Key:
    """The key of a capacity ledger. `owner`: a job's id, or `group/<name>` of a limit group."""
    return _key(ledger_partition(owner), f"{direction}#{table}")


def ledger_partition(owner: str) -> str:
    return f"ledger#{owner}"


def _key(pk: str, sk: str) -> Key:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _padded(number: int) -> str:
    # As many digits as the largest number of segments has.
    return f"{number:07d}"
