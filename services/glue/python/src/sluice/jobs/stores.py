"""The storage that the protocol needs, in the jobs table: shared/jobs/stores.ts and shared/jobs/storage/dynamoDb*.ts.

Each method is one atomic step; a crash can come between any two. An update that is repeated after a lost answer is safe
unless its docstring says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from sluice.aws.item import Item
from sluice.aws.update import REMOVED, UpdateParts, update_of
from sluice.jobs.attributes import json_attribute, plain_record, to_attributes
from sluice.jobs.keys import CHAIN_PREFIX, JOB_PREFIX, UNIT_PREFIX, audit_key, chain_key, entry_key, job_key, unit_key
from sluice.jobs.ledgers import pause_ledgers
from sluice.jobs.records import (
    Chain,
    Checkpoint,
    Ended,
    FailedItems,
    Failure,
    Job,
    JobHead,
    Lease,
    Unit,
    chain_of,
    head_of,
    job_of,
    unit_of,
)
from sluice.jobs.table import JobsTable
from sluice.jobs.usage_meter import Usage

_ACTIVE = "#state IN (:starting, :running)"
_ACTIVE_VALUES = {"starting": "starting", "running": "running"}

_MAY_TAKE_UNIT = " OR ".join(
    (
        "attribute_not_exists(#pk)",
        "(#state = :failed AND #turn < :turn)",
        "(#state = :active AND #turn <= :turn AND "
        "(attribute_not_exists(#owner) OR #owner = :owner OR #leaseUntil < :now))",
    )
)
_HOLDS_UNIT = "#state = :active AND #owner = :owner AND #turn = :turn"

_MAY_TAKE_CHAIN = (
    "attribute_not_exists(#pk) OR "
    "(#turn <= :turn AND (attribute_not_exists(#owner) OR #owner = :owner OR #leaseUntil < :now))"
)
_HOLDS_CHAIN = "#owner = :owner AND #turn = :turn"

_NO_TROUBLE: Mapping[str, Any] = {"reason": None, "retryAt": None, "retryingSince": None}

_SUMMARY = ("number", "state", "turn", "owner", "leaseUntil", "retryAt")
_ONLY_SUMMARY = {
    "ProjectionExpression": ", ".join(f"#{name}" for name in _SUMMARY),
    "ExpressionAttributeNames": {f"#{name}": name for name in _SUMMARY},
}
_ONLY_COUNTS = {"ProjectionExpression": "#counts", "ExpressionAttributeNames": {"#counts": "counts"}}


class JobStore:
    def __init__(self, table: JobsTable) -> None:
        self._table = table

    def read(self, job: str) -> Job | None:
        """The job, consistently read; None if there is none."""
        parts: dict[str, Any] = {}
        for item in self._table.query(job, JOB_PREFIX):
            parts.update(item)
        # Without a head there is no job: a spec that is left belongs to a job that is being deleted.
        return job_of(plain_record(parts)) if "state" in parts else None

    def head(self, job: str) -> JobHead | None:
        """The job's head, consistently read."""
        return _head(self._table.get(job_key(job)))

    def claim(self, job: str, ended: Ended) -> tuple[bool, JobHead | None]:
        """Claims the next place in the order of units, if the job is active and there is one, and adds to the counts.

        The head is the record after that, or the record that refused the claim. The place is its `claimed` less 1.
        """
        parts = UpdateParts(f"{_ACTIVE} AND #claimed < #units", _ACTIVE_VALUES, add={"claimed": 1, **_counts(ended)})
        applied, item = self._table.update(job_key(job), parts)
        return applied, _head(item)

    def ended(self, seen: JobHead, ended: Ended) -> bool:
        """Adds to the counts of units that have ended. Repeated after a lost answer, it adds twice.

        False: the job is not active any more, or was resumed, or the counts already have all units.
        """
        condition = f"{_ACTIVE} AND #epoch = :epoch AND #unitsDone < #units"
        values = {**_ACTIVE_VALUES, "epoch": seen.epoch}
        return self._table.update(job_key(seen.id), UpdateParts(condition, values, add=_counts(ended)))[0]

    def set_chains(self, seen: JobHead, chains: int) -> bool:
        """Changes the number of chains. False: another worker changed it, or the job was resumed."""
        values = {"epoch": seen.epoch, "chains": seen.chains}
        parts = UpdateParts("#epoch = :epoch AND #chains = :chains", values, set={"chains": chains})
        return self._table.update(job_key(seen.id), parts)[0]

    def stop(self, seen: Job, reason: str, now: float) -> bool:
        """Ends an active job as failed although units are left, and pauses its ledgers.

        False: it is not active any more, or was resumed since it was read.
        """
        return self._halt(seen, {"state": "failed", "reason": reason, "endedAt": now}, "fail", now)

    def pause(self, seen: Job, reason: str, now: float) -> bool:
        """Pauses an active job and its ledgers, for a reason that operators see. False: as for `stop`."""
        return self._halt(seen, {"state": "paused", "reason": reason}, "pause", now)

    def add_failures(self, job: str, failures: int) -> JobHead | None:
        """Adds to the job's estimate of the items that failed for good. Repeated after a lost answer, it adds twice.

        Returns the head after that; None: there is no such job any more.
        """
        parts = UpdateParts("attribute_exists(#pk)", add={"failures": failures})
        applied, item = self._table.update(job_key(job), parts)
        return _head(item) if applied else None

    def failed_items(self, job: str) -> FailedItems:
        """The sums over all units. Each is read consistently, but not all at one moment."""
        scanned_items = failures = 0
        for item in self._table.query(job, UNIT_PREFIX, _ONLY_COUNTS):
            counts = unit_of(0, item).counts
            scanned_items += counts.scanned_items
            failures += counts.failures
        return FailedItems(scanned_items, failures)

    def recount(self, seen: JobHead, failures: int, most_failures: int) -> bool:
        """Replaces the estimate that was seen by the exact number, and counts a recount; what was added since stays.

        `most_failures`: how many may fail, by the items that were read. False: another worker has recounted since, or
        the job is not active any more or was resumed.
        """
        is_newest = "attribute_not_exists(#recounts)" if seen.recounts == 0 else "#recounts = :recounts"
        parts = UpdateParts(
            f"{_ACTIVE} AND #epoch = :epoch AND {is_newest}",
            {**_ACTIVE_VALUES, "epoch": seen.epoch, **({"recounts": seen.recounts} if seen.recounts > 0 else {})},
            set={"mostFailures": most_failures},
            add={"failures": failures - seen.failures, "recounts": 1},
        )
        return self._table.update(job_key(seen.id), parts)[0]

    def _halt(self, seen: Job, to_set: Mapping[str, Any], action: str, now: float) -> bool:
        """Changes the state of an active job, pauses its ledgers and notes that in its audit list, in one step."""
        condition = f"{_ACTIVE} AND #epoch = :epoch"
        parts = UpdateParts(condition, {**_ACTIVE_VALUES, "epoch": seen.epoch}, set=to_set)
        table = self._table
        job = {"Update": {"TableName": table.name, "Key": job_key(seen.id), **update_of(parts)}}
        entry = _audit_entry(table.name, seen, action, str(to_set["reason"]), now)
        items = [job, *pause_ledgers(table.name, seen), entry]
        try:
            table.retry(lambda: table.client.transact_write_items(TransactItems=items))
        except ClientError as error:
            reasons: list[Any] = error.response.get("CancellationReasons", [])
            if not any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons):
                raise
            return False
        return True


class UnitStore:
    def __init__(self, table: JobsTable) -> None:
        self._table = table

    def take(self, lease: Lease, now: float, until: float, expires_at: int | None) -> tuple[bool, Unit]:
        """Takes the unit, if its state, its lease and the turn allow it, and counts an attempt.

        The unit is the record after that, or the record that refused it. `until`: the end of the lease.
        """
        to_set = {"number": lease.number, "state": "active", "turn": lease.turn, "owner": lease.owner}
        parts = UpdateParts(
            _MAY_TAKE_UNIT,
            {"failed": "failed", "active": "active", "turn": lease.turn, "owner": lease.owner, "now": now},
            set=_kept({**to_set, "leaseUntil": until, "retryingSince": None, "expiresAt": expires_at}),
            add={"attempts": 1},
        )
        key = unit_key(lease.job, lease.number)
        applied, item = self._table.update(key, parts)
        unit = unit_of(lease.number, item)
        untouched = applied and unit.updated_at == 0
        if not untouched or self._table.is_kept(lease.job):
            return applied, unit
        expired = UpdateParts(_HOLDS_UNIT, _holder(lease), set={"expiresAt": math.floor(now / 1000)})
        self._table.update(key, expired)
        return False, unit

    def save(self, lease: Lease, checkpoint: Checkpoint, now: float) -> bool:
        """Writes how far the unit has come. False: the lease is lost."""
        return self._write(lease, {**_progress(checkpoint), **_NO_TROUBLE, "attempts": 0, "updatedAt": now})

    def note(self, lease: Lease, reason: str, since: float) -> bool:
        """Notes since when the worker has been retrying one call. Changes nothing else. False: the lease is lost."""
        return self._write(lease, {"reason": reason, "retryingSince": since})

    def release(
        self,
        lease: Lease,
        now: float,
        attempts: int,
        unsaved: Checkpoint | None = None,
        failure: Failure | None = None,
    ) -> bool:
        """Releases the unit, with its progress since the last checkpoint. False: the lease is lost."""
        progress = {} if unsaved is None else _progress(unsaved)
        trouble = {} if failure is None else {"reason": failure.reason, "retryAt": failure.retry_at}
        free = {"owner": None, "leaseUntil": None, "attempts": attempts, **_NO_TROUBLE, **trouble}
        return self._write(lease, {**progress, **free, "updatedAt": now})

    def finish(self, lease: Lease, checkpoint: Checkpoint, now: float) -> bool:
        """Writes the last checkpoint and ends the unit. False: the lease is lost."""
        last = _progress(replace(checkpoint, cursor=None))
        return self._end(lease, {"state": "done", **last, **_NO_TROUBLE, "attempts": 0, "updatedAt": now})

    def fail(self, lease: Lease, now: float, turn: int, reason: str) -> bool:
        """Gives the unit up. False: the lease is lost.

        `turn`: the one from now on, above all of this epoch, so that nobody takes the unit before the job is resumed.
        """
        to_set = {"state": "failed", "turn": turn, **_NO_TROUBLE, "reason": reason}
        return self._end(lease, {**to_set, "rcuPerSecond": 0, "attempts": 0, "updatedAt": now})

    def read(self, job: str, number: int) -> Unit | None:
        """The state of a unit without its progress, consistently read; None if no worker has taken it yet."""
        item = self._table.get(unit_key(job, number), _ONLY_SUMMARY)
        return None if item is None else unit_of(number, item)

    def list(self, job: str) -> list[Unit]:
        """The same of all units of a job that a worker has taken at least once. Not all are read at one moment."""
        return [unit_of(0, item) for item in self._table.query(job, UNIT_PREFIX, _ONLY_SUMMARY)]

    def _write(self, lease: Lease, to_set: Mapping[str, Any]) -> bool:
        parts = UpdateParts(_HOLDS_UNIT, _holder(lease), set=_kept(to_set))
        return self._table.update(unit_key(lease.job, lease.number), parts)[0]

    def _end(self, lease: Lease, to_set: Mapping[str, Any]) -> bool:
        """The owner stays in the unit, so that a repetition after a lost answer recognizes its own write."""
        parts = UpdateParts(_HOLDS_UNIT, _holder(lease), set=_kept(to_set))
        applied, item = self._table.update(unit_key(lease.job, lease.number), parts)
        if applied:
            return True
        found = unit_of(lease.number, item)
        return found.state == to_set["state"] and found.owner == lease.owner


class ChainStore:
    def __init__(self, table: JobsTable) -> None:
        self._table = table

    def take(self, lease: Lease, now: float, until: float, expires_at: int | None) -> tuple[bool, Usage]:
        """Takes the chain, if its lease and the turn allow it. `until`: the end of the lease.

        The usage is that of all its holders so far, which `release` replaces.
        """
        to_set = {"number": lease.number, "turn": lease.turn, "owner": lease.owner}
        parts = UpdateParts(
            _MAY_TAKE_CHAIN,
            {"turn": lease.turn, "owner": lease.owner, "now": now},
            set=_kept({**to_set, "leaseUntil": until, "expiresAt": expires_at}),
            add={"attempts": 1},
        )
        key = chain_key(lease.job, lease.number)
        applied, before = self._table.update(key, parts, "ALL_OLD")
        # If the former record is already this holder's, a call whose answer was lost may have made it.
        may_be_new = before is None or before.get("owner") == {"S": lease.owner}
        if not applied or not may_be_new or self._table.is_kept(lease.job):
            return applied, plain_record(before or {}).get("usage", {})
        expired = UpdateParts(
            _HOLDS_CHAIN,
            {"owner": lease.owner, "turn": lease.turn},
            set={"expiresAt": math.floor(now / 1000)},
        )
        self._table.update(key, expired)
        return False, {}

    def release(self, lease: Lease, turn: int, usage: Usage | None = None) -> bool:
        """Releases the chain for workers of `turn`. False: the lease is lost.

        `usage`: of all its holders; None: the record keeps its usage.
        """
        used = {} if usage is None else {"usage": usage}
        parts = UpdateParts(
            _HOLDS_CHAIN,
            {"owner": lease.owner, "turn": lease.turn},
            set=_kept({"turn": turn, "owner": None, "leaseUntil": None, "attempts": None, **used}),
        )
        return self._table.update(chain_key(lease.job, lease.number), parts)[0]

    def read(self, job: str, number: int) -> Chain | None:
        """The chain, consistently read; None if no worker has taken it yet."""
        item = self._table.get(chain_key(job, number))
        return None if item is None else chain_of(item)

    def list(self, job: str) -> list[Chain]:
        """The chains of a job that a worker has taken at least once, consistently read."""
        return [chain_of(item) for item in self._table.query(job, CHAIN_PREFIX)]


class JobEntries:
    """The entries of a job: what its operation noted of its units."""

    def __init__(self, table: JobsTable, job: str, expires_at: int | None) -> None:
        self._table = table
        self._job = job
        self._expires_at = expires_at

    def put(self, unit: int, number: int, value: Mapping[str, Any]) -> None:
        """Durable once it returns. An entry that is put again replaces the one before."""
        record = {"unit": unit, "number": number, "value": value, "expiresAt": self._expires_at}
        self._table.put({**entry_key(self._job, unit, number), **to_attributes(record)})


def _audit_entry(table: str, seen: Job, action: str, reason: str, at: float) -> dict[str, Any]:
    """The part of a transaction that notes a change that Sluice makes by itself: shared/jobs/storage/audit.ts."""
    entry = {"at": at, "caller": "sluice", "action": action, "details": {"reason": reason}}
    expiry = {} if seen.expires_at is None else {"expiresAt": seen.expires_at}
    # A job is halted at most once in an epoch.
    key = audit_key(seen.id, at, f"epoch-{seen.epoch}")
    return {"Update": {"TableName": table, "Key": key, **update_of(UpdateParts(set={**entry, **expiry}))}}


def _head(item: Item | None) -> JobHead | None:
    return None if item is None else head_of(plain_record(item))


def _counts(ended: Ended) -> dict[str, int]:
    counts = {"unitsDone": ended.done, "unitsFailed": ended.failed}
    return {name: count for name, count in counts.items() if count > 0}


def _progress(checkpoint: Checkpoint) -> dict[str, Any]:
    writing = {} if checkpoint.wcu_per_second is None else {"wcuPerSecond": checkpoint.wcu_per_second}
    return {
        "cursor": json_attribute(checkpoint.cursor),
        "counts": checkpoint.counts.record(),
        "result": json_attribute(checkpoint.result),
        "rcuPerSecond": checkpoint.rcu_per_second,
        **writing,
    }


def _holder(lease: Lease) -> dict[str, Any]:
    return {"active": "active", "owner": lease.owner, "turn": lease.turn}


def _kept(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record for `UpdateParts.set`: what is None is removed."""
    return {name: REMOVED if value is None else value for name, value in record.items()}
