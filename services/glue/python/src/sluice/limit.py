"""A capacity limit that users' boto3 code shares with a job, or among the tasks of a Spark run.

```python
from sluice import Limit

limit = Limit.join("orders-backfill", jobs_table="jobs")
dynamodb = limit.client("dynamodb")
df.foreachPartition(lambda rows: update_all(dynamodb, rows))
```

A limit and its clients can be pickled: each process that uses one builds its own. In each process they share one
limiter, which any number of threads may use, and which reserves from the same ledger as all other processes and the
workers of the job. So their joint consumption stays within the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import boto3

from sluice.capacity.gate import gate
from sluice.clock import system_clock
from sluice.errors import SluiceError
from sluice.own_code.for_each import ForEachResult, Row, for_each
from sluice.own_code.lazy import Lazy, LazyResource, build_client, build_resource
from sluice.own_code.ledgers import SharedLedgers, create_ledgers, join_ledgers
from sluice.own_code.limiters import LimitSession, SharedLimiter


class Limit:
    """Create it with `Limit.join` or `Limit.create`. End it with `close`, or use it as a context manager.

    While the job of a limit is paused, requests wait. They raise SluiceError:

    - `JOB_ENDED`: the job was cancelled, has failed or was deleted while they waited.
    - `capacity.closed`: this limit is closed.
    - `capacity.ledger-missing`: the limit's record was deleted, together with its job, or has expired.
    - `capacity.unlimited-operation`: the operation can't share the limit; see sluice/capacity/gate.py.
    """

    def __init__(self, shared: SharedLedgers) -> None:
        self._session = LimitSession(shared)
        self._limiters = [SharedLimiter(self._session, ledger) for ledger in shared.ledgers]

    @classmethod
    def join(cls, name: str, *, jobs_table: str, region: str | None = None) -> Limit:
        """Joins all limits, by direction and table, of a job that has not ended, or of a limit group.

        `name`: a job's id, or the name of a group. If a job and a group have the same name, `group/<name>` means the
        group. `jobs_table`: the stack's output `jobsTable`. `region`: of that table; None: boto3's own.

        Raises SluiceError NO_SUCH_TABLE, NO_SUCH_LIMIT, JOB_ENDED or INVALID_REQUEST (no region).
        """
        region = _region(region)
        return cls(join_ledgers(name, _control(region), jobs_table, region))

    @classmethod
    def create(
        cls,
        table: str,
        *,
        jobs_table: str,
        read: float | str | None = None,
        write: float | str | None = None,
        name: str | None = None,
        region: str | None = None,
    ) -> Limit:
        """Makes a limit group on one table. A group of this name is joined if it has the same limits.

        `read`, `write`: capacity units per second of the table, or a percentage such as "50%" of its capacity: its
        provisioned capacity, its on-demand maximum, its warm throughput, or the throughput of a new on-demand table.
        Each global index has its own limit, which is the same share of its own capacity. None: that direction is not
        limited. `name`: 1 to 64 letters, digits, - and _, by which others join it, jobs too (`--limit-group`). None: a
        name is generated, and the group is kept for 30 days. `jobs_table`, `region`: as for `join`.

        Raises SluiceError INVALID_REQUEST (`value`: all problems, a sentence each), NO_SUCH_TABLE or LIMIT_EXISTS
        (`value`: the limits in force).
        """
        region = _region(region)
        rates = {"read": read, "write": write}
        client = _control(region)
        return cls(create_ledgers(table, rates, name, client, jobs_table, region, system_clock))  # type: ignore[arg-type]

    @property
    def name(self) -> str:
        """The name for `Limit.join` in other processes and on other machines."""
        return self._session.shared.name

    def client(self, service: str = "dynamodb", **options: Any) -> Any:
        """A boto3 client of DynamoDB. Every attempt of each of its requests shares this limit.

        `options`: as for `boto3.client`. The region is the limit's, unless given. The returned object is a proxy of the
        client and can be pickled; each process builds its own client on first use.
        """
        return Lazy(build_client, (self.gate, self._options(service, options)), per_thread=False)

    def resource(self, service: str = "dynamodb", **options: Any) -> Any:
        """The same as a boto3 resource. Each thread builds its own, as resources aren't safe with threads.

        Its tables (`resource.Table("orders")`) can be pickled, too.
        """
        return LazyResource(build_resource, (self.gate, self._options(service, options)), per_thread=True)

    def gate(self, client_or_resource: Any) -> Any:
        """Puts an existing client or resource of DynamoDB under this limit, and returns it."""
        for limiter in self._limiters:
            ledger = limiter.ledger
            gate(client_or_resource, limiter, table=ledger.table, direction=ledger.direction)
        return client_or_resource

    def for_each(
        self, rows: Iterable[Row], fn: Callable[[Row], Any], *, concurrency: int = 32, most_failures: int = 1_000
    ) -> ForEachResult[Row]:
        """Calls `fn` for each row in threads, and lists the rows for which it failed.

        See sluice/own_code/for_each.py.
        """
        return for_each(rows, fn, concurrency=concurrency, most_failures=most_failures)

    def close(self) -> None:
        """Ends the use of the limit through this object: requests are refused, and unspent capacity goes back.

        Other copies, in this process and elsewhere, go on. Safe to call twice.
        """
        self._session.close()

    def __enter__(self) -> Limit:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return Limit, (self._session.shared,)

    def __repr__(self) -> str:
        parts = ", ".join(f"{each.direction} on {each.table}" for each in self._session.shared.ledgers)
        return f"<Limit {self.name}: {parts}>"

    def _options(self, service: str, options: dict[str, Any]) -> dict[str, Any]:
        if service != "dynamodb":
            message = f"A limit is for clients of dynamodb, got {service}: take boto3's own for that."
            raise SluiceError("INVALID_REQUEST", message, value=service)
        return {"region_name": self._session.shared.ledgers[0].region, **options}


def _region(given: str | None) -> str:
    region = given or boto3.session.Session().region_name
    if region is None:
        message = "region must be given, as boto3 knows of none (AWS_DEFAULT_REGION)."
        raise SluiceError("INVALID_REQUEST", message)
    return region


def _control(region: str) -> Any:
    """A client with boto3's own retries."""
    return boto3.session.Session(region_name=region).client("dynamodb")
