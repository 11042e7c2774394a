"""The ledgers that users' code shares: those of a job, of a limit group, or new ones."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sluice.aws.client_error import code_of
from sluice.capacity.ledger import DynamoDbLedger, Ledger
from sluice.capacity.metering import CapacityLimits, Direction, same_limits
from sluice.clock import Clock
from sluice.errors import SluiceError
from sluice.jobs.keys import Key, ledger_key, ledger_partition
from sluice.jobs.ledgers import ledger_owner
from sluice.jobs.records import JobHead
from sluice.jobs.stores import JobStore
from sluice.jobs.table import JobsTable
from sluice.tables.limits import RateLimits, limits_of, low_rate, rate_problem

_GROUP = "group/"
"""Begins the owner of a group's ledgers. No job's id has a `/` in it."""
_UNNAMED_DAYS = 30
"""How long a group without a name is kept. A Glue run lasts a week at most."""
_ENDED = ("completed", "failed", "cancelled")


@dataclass(frozen=True)
class SharedLedger:
    """One ledger, in a form by which other processes find it."""

    region: str
    jobs_table: str
    owner: str
    """A job's id, or `group/<name>`."""
    member: str | None
    """The job by which it is paused, if several share it."""
    direction: Direction
    table: str

    @property
    def key(self) -> Key:
        return ledger_key(self.owner, self.direction, self.table)


@dataclass(frozen=True)
class SharedLedgers:
    name: str
    """Of the job or the group."""
    job: str | None
    """The job that the limits belong to. None: they belong to a group."""
    ledgers: tuple[SharedLedger, ...]
    """One for each direction and table."""


def join_ledgers(name: str, client: Any, jobs_table: str, region: str) -> SharedLedgers:
    """The ledgers of a job or, if there is no job of this name, of a limit group; `group/<name>` means the group.

    Raises SluiceError NO_SUCH_TABLE, NO_SUCH_LIMIT or JOB_ENDED.
    """
    head = None if name.startswith(_GROUP) else read_job(name, client, jobs_table)
    if head is None:
        return _join_group(name.removeprefix(_GROUP), client, jobs_table, region)
    refuse_ended(head)
    if not head.limits:
        raise SluiceError("NO_SUCH_LIMIT", f"Job {name} consumes no capacity, so it has no limit to share.", value=name)
    member = None if head.limit_group is None else head.id
    ledgers = tuple(
        SharedLedger(region, jobs_table, ledger_owner(head), member, limit.direction, limit.table)
        for limit in head.limits
    )
    return SharedLedgers(name, head.id, ledgers)


def read_job(job: str, client: Any, jobs_table: str) -> JobHead | None:
    """Raises SluiceError NO_SUCH_TABLE."""
    try:
        return JobStore(JobsTable(client, jobs_table, lambda call: call())).head(job)
    except ClientError as error:
        raise _without_table(error, "jobs_table", jobs_table) from error


def refuse_ended(head: JobHead) -> None:
    """Raises SluiceError JOB_ENDED."""
    if head.state in _ENDED:
        message = f"Job {head.id} is {head.state}: its limit can be shared only while it has not ended."
        raise SluiceError("JOB_ENDED", message, value=head.state)


def _join_group(group: str, client: Any, jobs_table: str, region: str) -> SharedLedgers:
    owner = f"{_GROUP}{group}"
    request = {
        "TableName": jobs_table,
        "KeyConditionExpression": "pk = :owner",
        "ExpressionAttributeValues": {":owner": {"S": ledger_partition(owner)}},
        "ProjectionExpression": "sk",
        "ConsistentRead": True,
    }
    try:
        # One for each direction of each table: they fit in one answer.
        items: Sequence[Mapping[str, Any]] = client.query(**request)["Items"]
    except ClientError as error:
        raise _without_table(error, "jobs_table", jobs_table) from error
    if not items:
        message = f'There is neither a job nor a limit group "{group}" in table {jobs_table}.'
        raise SluiceError("NO_SUCH_LIMIT", message, value=group)
    parts = [item["sk"]["S"].split("#", 1) for item in items]
    ledgers = tuple(SharedLedger(region, jobs_table, owner, None, direction, table) for direction, table in parts)
    return SharedLedgers(group, None, ledgers)


def create_ledgers(
    table: str,
    rates: Mapping[Direction, float | str | None],
    name: str | None,
    client: Any,
    jobs_table: str,
    region: str,
    clock: Clock,
) -> SharedLedgers:
    """Opens a limit group on one table, or joins the one that exists if it has these limits.

    Raises SluiceError INVALID_REQUEST (`value`: all problems, a sentence each), NO_SUCH_TABLE or LIMIT_EXISTS.
    """
    wanted = {direction: rate for direction, rate in rates.items() if rate is not None}
    _refuse(_form_problems(table, wanted, name))
    description = _describe(table, client)
    found = {direction: limits_of(description, rate, direction) for direction, rate in wanted.items()}
    problems = [_bounds_problem(direction, each) for direction, each in found.items()]
    _refuse([problem for problem in problems if problem is not None])
    group = name or f"limit-{uuid.uuid4().hex[:12]}"
    days = None if name else _UNNAMED_DAYS
    shared = SharedLedgers(
        group,
        None,
        tuple(SharedLedger(region, jobs_table, f"{_GROUP}{group}", None, direction, table) for direction in wanted),
    )
    try:
        # All are checked before one is opened.
        for step in (_refuse_other, _open):
            for ledger in shared.ledgers:
                step(ledger, found[ledger.direction].limits, client, clock.now(), days)
    except ClientError as error:
        raise _without_table(error, "jobs_table", jobs_table) from error
    return shared


def _refuse_other(shared: SharedLedger, limits: CapacityLimits, client: Any, *_: Any) -> None:
    found = DynamoDbLedger(client, shared.jobs_table, shared.key).read()
    if found is None or same_limits(found.limits, limits):
        return
    group = shared.owner.removeprefix(_GROUP)
    message = (
        f'Limit group "{group}" has other limits for {shared.direction} on table {shared.table}: '
        f"{_shown(found.limits)} are in force, {_shown(limits)} are wanted. "
        "Join it (Limit.join), or choose another name."
    )
    raise SluiceError("LIMIT_EXISTS", message, value=found.limits)


def _open(shared: SharedLedger, limits: CapacityLimits, client: Any, now: float, days: int | None) -> None:
    expiry = {} if days is None else {"expiresAt": {"N": str(int(now / 1000) + days * 86_400)}}
    if not Ledger(DynamoDbLedger(client, shared.jobs_table, shared.key, expiry)).create(limits, now):
        # It existed already, or another process has opened it meanwhile.
        _refuse_other(shared, limits, client)


def _form_problems(table: str, wanted: Mapping[Direction, float | str], name: str | None) -> list[str]:
    problems = [
        f"{way} {problem}, got {rate!r}." for way, rate in wanted.items() if (problem := rate_problem(rate)) is not None
    ]
    if not wanted:
        problems.append("read or write must be given.")
    if not (isinstance(table, str) and re.fullmatch(r"[A-Za-z0-9_.-]{3,255}", table)):
        problems.append(f"table must be the name of a table, got {table!r}.")
    if name is not None and not (isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name)):
        problems.append(f"name must be 1 to 64 letters, digits, - and _, got {name!r}.")
    return problems


def _bounds_problem(direction: Direction, found: RateLimits) -> str | None:
    low = low_rate(found)
    if low is not None:
        return f"{direction} {low}"
    if found.limits.table <= found.most:
        return None
    got = f"got {found.limits.table:g}"
    return f"{direction} must be at most what the table allows, {found.most:g} capacity units per second, {got}."


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise SluiceError("INVALID_REQUEST", " ".join(problems), value=problems)


def _describe(table: str, client: Any) -> Mapping[str, Any]:
    try:
        description: Mapping[str, Any] = client.describe_table(TableName=table)["Table"]
        return description
    except ClientError as error:
        raise _without_table(error, "table", table) from error


def _without_table(error: ClientError, option: str, table: str) -> Exception:
    """Names the missing table, if the error means that."""
    if code_of(error) != "ResourceNotFoundException":
        return error
    message = f"{option} must exist, but there is no table {table} in this region and account."
    return SluiceError("NO_SUCH_TABLE", message, value=table)


def _shown(limits: CapacityLimits) -> str:
    indexes = "".join(f", {limit:g} on index {name}" for name, limit in sorted(limits.indexes.items()))
    return f"{limits.table:g} units per second{indexes}"
