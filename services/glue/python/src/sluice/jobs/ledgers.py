"""The ledgers of a job in the jobs table: shared/jobs/storage/ledgers.ts."""

from __future__ import annotations

from typing import Any

from sluice.capacity.ledger.pause import pause_update
from sluice.jobs.keys import Key, ledger_key
from sluice.jobs.records import JobHead, JobLimit


def ledger_owner(job: JobHead) -> str:
    """The owner of the ledgers that a job reserves from: the job itself, or its group. No job's id has a `/` in it."""
    return job.id if job.limit_group is None else f"group/{job.limit_group}"


def key_of(job: JobHead, limit: JobLimit) -> Key:
    return ledger_key(ledger_owner(job), limit.direction, limit.table)


def pause_ledgers(table: str, job: JobHead) -> list[dict[str, Any]]:
    """The parts of a transaction that pause the job in all its ledgers.

    In a group's ledger the job is a member, so the job can be paused by itself.
    """
    member = None if job.limit_group is None else job.id
    return [{"Update": pause_update(table, key_of(job, limit), True, member)} for limit in job.limits]
