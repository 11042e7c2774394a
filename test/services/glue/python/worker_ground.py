"""A job in DynamoDB Local, and workers of it in threads."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.hooks import HierarchicalEmitter

from dynamodb_local import DynamoDbLocal, create_table
from sluice.aws.update import UpdateParts, update_of
from sluice.capacity.ledger import DynamoDbLedger, Ledger
from sluice.clock import system_clock
from sluice.engine import stretch, worker
from sluice.engine.turns import first_turn
from sluice.engine.unit_work import UnitEnd
from sluice.engine.worker import work_on_job
from sluice.jobs.attributes import plain_record, to_attributes
from sluice.jobs.keys import CHAIN_PREFIX, job_key, unit_key
from sluice.jobs.ledgers import key_of
from sluice.jobs.records import Chain, Job, Unit, unit_of
from sluice.jobs.stores import ChainStore, JobStore
from sluice.jobs.table import JobsTable


class WorkerGround:
    """A job that runs `page_functions.count_items` over a table of its own."""

    def __init__(self, local: DynamoDbLocal, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dynamodb = local.client()
        self.jobs_table, self.table_name = f"jobs-{uuid.uuid4()}", f"answers-{uuid.uuid4()}"
        self.sent: list[Mapping[str, Any]] = []
        self.ended: list[tuple[int, UnitEnd]] = []
        self.troubles: list[tuple[str, BaseException]] = []
        self.fails: Callable[[str], bool] = lambda operation: False
        """Whether a call of an operation fails with a 500 instead of being made."""
        self.loses: Callable[[Mapping[str, Any]], bool] = lambda request: False
        """Whether the answer to a request is lost: the request fails with a 500 although it took effect."""
        create_table(self.dynamodb, self.jobs_table, "pk", "sk")
        create_table(self.dynamodb, self.table_name, "id")
        ground = self

        class Clients:
            def __init__(self, region: str, concurrency: int) -> None: ...

            def wait_for_credentials(self, clock: Any) -> None: ...

            def of(self, service: str) -> Any:
                if service == "sqs":
                    return _Queue(ground.sent)
                client = local.client(service)
                client.meta.events.register("before-call", ground._before_call)
                client.meta.events.register("after-call", ground._after_call)
                return client

        monkeypatch.setattr(worker, "Clients", Clients)
        # No test depends on these times.
        monkeypatch.setattr(worker, "_LOOK_MS", 100)
        monkeypatch.setattr(worker, "_LOOK_MS_PER_SLOT", 1)
        monkeypatch.setattr(stretch, "unit_backoff_ms", lambda attempts, random: 50)

    @property
    def table(self) -> JobsTable:
        return JobsTable(self.dynamodb, self.jobs_table, lambda call: call())

    def start(self, items: int, **part: Any) -> Job:
        """Fills the table and puts the job's records. `items`: a multiple of 20. `part`: fields that differ."""
        for start in range(0, items, 20):
            keys = [f"item {number}" for number in range(start, start + 20)]
            puts = [{"PutRequest": {"Item": {"id": {"S": key}, "text": {"S": "x" * 2_000}}}} for key in keys]
            self.dynamodb.batch_write_item(RequestItems={self.table_name: puts})
        record = {
            "id": "job",
            "work": {"operation": "mine", "table": self.table_name},
            "source": {"kind": "table", "table": self.table_name, "consistentRead": False},
            "identity": {},
            "operation": {"name": "mine", "params": {}},
            "state": "running",
            "units": 4,
            "unitsDone": 0,
            "unitsFailed": 0,
            "epoch": 0,
            "claimed": 0,
            "chains": 4,
            "limits": [{"direction": "read", "table": self.table_name, "limits": {"table": 1_000}}],
            "estimatedItems": items,
            "estimatedBytes": 2_000 * items,
            "createdAt": 1_800_000_000_000,
            **part,
        }
        self.dynamodb.put_item(TableName=self.jobs_table, Item={**job_key("job"), **to_attributes(record)})
        job = self.job()
        for limit, ledger in zip(job.limits, self.ledgers(job), strict=True):
            ledger.create(limit.limits, time.time() * 1000)
        return job

    def work(self, **more: Any) -> str:
        """Works on the job until the job ends."""
        arguments: dict[str, Any] = {
            **{"jobs_table": self.jobs_table, "region": "eu-central-1", "results_bucket": "results"},
            **{"unit_queue_url": "queue", "stretch_seconds": 10, "twins": {"mine": "page_functions:count_items"}},
            **{"on_trouble": lambda what, error: self.troubles.append((what, error))},
            **{"on_unit": lambda unit, end: self.ended.append((unit, end))},
        }
        return work_on_job("job", **{**arguments, **more})

    def job(self) -> Job:
        job = JobStore(self.table).read("job")
        assert job is not None
        return job

    def head(self) -> dict[str, Any]:
        return plain_record(self.dynamodb.get_item(TableName=self.jobs_table, Key=job_key("job"))["Item"])

    def change_head(self, **to_set: Any) -> None:
        self.table.update(job_key("job"), UpdateParts(set=to_set))

    def pause(self) -> None:
        """Does what an operator's command does."""
        assert JobStore(self.table).pause(self.job(), "a test", system_clock.now())

    def resume(self) -> None:
        self.change_head(state="running", epoch=self.job().epoch + 1)
        for ledger in self.ledgers(self.job()):
            ledger.pause(False)

    def units(self) -> list[Unit]:
        """Whole records."""
        keys = [unit_key("job", number) for number in range(self.job().units)]
        items = [self.dynamodb.get_item(TableName=self.jobs_table, Key=key).get("Item") for key in keys]
        return [unit_of(number, item) for number, item in enumerate(items)]

    def chains(self) -> list[Chain]:
        return ChainStore(self.table).list("job")

    def usage(self) -> list[Any]:
        """The part of it in the records of chains."""
        return [plain_record(item).get("usage") for item in self.table.query("job", CHAIN_PREFIX)]

    def hold(self, number: int, until: float) -> None:
        """Another worker takes the unit although it is held, and then dies."""
        unit = {"number": number, "state": "active", "turn": first_turn(self.job().epoch)}
        self.dynamodb.update_item(
            TableName=self.jobs_table,
            Key=unit_key("job", number),
            **update_of(UpdateParts(set={"owner": "other", "leaseUntil": until, **unit})),
        )

    def ledgers(self, job: Job) -> list[Ledger]:
        items = [DynamoDbLedger(self.dynamodb, self.jobs_table, key_of(job, limit)) for limit in job.limits]
        return [Ledger(item) for item in items]

    def counted(self) -> int:
        return sum(int(unit.result or 0) for unit in self.units())  # type: ignore[arg-type]

    def _before_call(self, model: Any, params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["request"] = params["body"]
        if self.fails(model.name):
            raise _server_error(model.name)

    def _after_call(self, model: Any, context: Mapping[str, Any], **_: Any) -> None:
        if self.loses(json.loads(context["request"])):
            raise _server_error(model.name)


_STATUS: Any = {"HTTPStatusCode": 500}


def _server_error(operation: str) -> ClientError:
    response = {"Error": {"Code": "InternalServerError", "Message": "injected"}, "ResponseMetadata": _STATUS}
    return ClientError(response, operation)  # type: ignore[arg-type]


class Threads:
    """Workers in threads. Their outcomes, or errors, are those of `join`."""

    def __init__(self, *works: Callable[[], Any]) -> None:
        self._outcomes: list[Any] = [None] * len(works)
        self._threads = [
            threading.Thread(target=self._run, args=(index, work), daemon=True) for index, work in enumerate(works)
        ]
        for thread in self._threads:
            thread.start()

    def join(self) -> list[Any]:
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()
        return self._outcomes

    def _run(self, index: int, work: Callable[[], Any]) -> None:
        try:
            self._outcomes[index] = work()
        except Exception as error:
            self._outcomes[index] = error


class _Queue:
    def __init__(self, sent: list[Mapping[str, Any]]) -> None:
        self._sent = sent
        self.meta = SimpleNamespace(events=HierarchicalEmitter())

    def send_message(self, **message: Any) -> None:
        self._sent.append(message)
