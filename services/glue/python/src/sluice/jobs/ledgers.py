"""The ledgers of a job in the jobs table: shared/jobs/storage/ledgers.ts."""

from __future__ import annotations

from typing import Any

from sluice.aws.update import UpdateParts, update_of
from sluice.jobs.keys import Key, ledger_key
from sluice.jobs.records import JobHead, JobLimit


def ledger_owner(job: JobHead) -> str:
    """Whose ledgers a job reserves from: its own, or those of its group. No job's id has a `/` in it."""
    return job.id if job.limit_group is None else f"group/{job.limit_group}"


def key_of(job: JobHead, limit: JobLimit) -> Key:
    return ledger_key(ledger_owner(job), limit.direction, limit.table)


def pause_ledgers(table: str, job: JobHead, paused: bool) -> list[dict[str, Any]]:
    """The parts of a transaction that pause the job under all its ledgers, or let it go on.

    In a group's ledger the job is a member, so that it can be paused by itself.
    """
    member = frozenset([job.id])
    if job.limit_group is None:
        parts = UpdateParts(set={"paused": paused})
    elif paused:
        parts = UpdateParts(add={"pausedMembers": member})
    else:
        parts = UpdateParts(delete={"pausedMembers": member})
    return [{"Update": {"TableName": table, "Key": key_of(job, limit), **update_of(parts)}} for limit in job.limits]
