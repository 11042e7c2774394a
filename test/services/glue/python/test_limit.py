"""Limits for people's own code, on DynamoDB Local."""

from __future__ import annotations

import multiprocessing
import operator
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError

from shared_tables import SharedTables
from sluice import Limit
from sluice.capacity.ledger import DynamoDbLedger
from sluice.capacity.limiter import CapacityLimiter
from sluice.capacity.metering import CapacityLimits
from sluice.errors import SluiceError
from sluice.jobs.keys import job_key, ledger_key
from sluice.own_code import limiters

SOURCES = Path(sys.modules["sluice"].__file__ or "").parents[1]


def refusal(call: Callable[[], Any]) -> SluiceError:
    with pytest.raises(SluiceError) as raised:
        call()
    return raised.value


def put(client: Any, tables: SharedTables, key: str = "1") -> None:
    client.put_item(TableName=tables.data, Item={"k": {"S": key}})


@pytest.fixture
def fast_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiters, "PAUSE_S", 0.01)
    monkeypatch.setattr(limiters, "JOB_LOOK_S", 0.0)


class TestJoin:
    def test_all_limits_of_a_job_are_joined(self, shared_tables: SharedTables) -> None:
        job = shared_tables.put_job(limits=[("read", shared_tables.data), ("write", "data-elsewhere")])
        with Limit.join(job, jobs_table=shared_tables.jobs) as limit:
            assert repr(limit) == f"<Limit {job}: read on {shared_tables.data}, write on data-elsewhere>"
            limit.client().get_item(TableName=shared_tables.data, Key={"k": {"S": "1"}})
            put(limit.client(), shared_tables)
            assert shared_tables.ledger_item(job, "read").workers == 1
        assert shared_tables.ledger_item(job, "read").workers == 0
        assert shared_tables.ledger_item(job, "write", "data-elsewhere").reservations == 0

    def test_a_job_in_a_group_shares_the_groups_limit(self, shared_tables: SharedTables) -> None:
        job = shared_tables.put_job(limits=[("write", shared_tables.data)], limitGroup="night")
        with Limit.join(job, jobs_table=shared_tables.jobs) as limit:
            put(limit.client(), shared_tables)
        assert shared_tables.ledger_item("group/night", "write").reservations > 0

    def test_a_group_is_joined_by_its_name(self, shared_tables: SharedTables) -> None:
        shared_tables.put_job("completed", [("write", shared_tables.data)], limitGroup="night")
        for name in ("night", "group/night"):
            with Limit.join(name, jobs_table=shared_tables.jobs) as limit:
                put(limit.client(), shared_tables)
                assert limit.name == "night"

    @pytest.mark.parametrize("state", ["completed", "failed", "cancelled"])
    def test_a_job_that_has_ended_is_refused(self, shared_tables: SharedTables, state: str) -> None:
        job = shared_tables.put_job(state, [("write", shared_tables.data)])
        error = refusal(lambda: Limit.join(job, jobs_table=shared_tables.jobs))
        assert (error.code, error.value) == ("JOB_ENDED", state)
        assert f"Job {job} is {state}" in error.message

    def test_missing_jobs_groups_and_tables_are_refused(self, shared_tables: SharedTables) -> None:
        error = refusal(lambda: Limit.join("nothing", jobs_table=shared_tables.jobs))
        assert error.code == "NO_SUCH_LIMIT"
        assert error.message == f'There is neither a job nor a limit group "nothing" in table {shared_tables.jobs}.'
        for name in ("nothing", "group/nothing"):
            missing = refusal(lambda name=name: Limit.join(name, jobs_table="no-such-table"))  # type: ignore[misc]
            assert (missing.code, missing.value) == ("NO_SUCH_TABLE", "no-such-table")
        job = shared_tables.put_job()
        assert refusal(lambda: Limit.join(job, jobs_table=shared_tables.jobs)).code == "NO_SUCH_LIMIT"

    def test_a_region_must_be_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
        error = refusal(lambda: Limit.join("x", jobs_table="jobs"))
        assert error.code == "INVALID_REQUEST"
        assert "AWS_DEFAULT_REGION" in error.message


class TestCreate:
    def test_a_percentage_is_of_the_table_and_of_each_index(self, shared_tables: SharedTables) -> None:
        limit = Limit.create(shared_tables.data, read="10%", write="50%", name="half", jobs_table=shared_tables.jobs)
        assert shared_tables.ledger_item("group/half", "read").limits == CapacityLimits(10)
        assert shared_tables.ledger_item("group/half", "write").limits == CapacityLimits(500, {"byG": 100})
        assert repr(limit) == f"<Limit half: read on {shared_tables.data}, write on {shared_tables.data}>"

    def test_a_group_without_a_name_expires(self, shared_tables: SharedTables) -> None:
        limit = Limit.create(shared_tables.data, write=150, jobs_table=shared_tables.jobs)
        item = shared_tables.raw_ledger(f"group/{limit.name}", "write")
        assert int(item["expiresAt"]["N"]) > time.time() + 29 * 86_400
        assert shared_tables.ledger_item(f"group/{limit.name}", "write").limits == CapacityLimits(150)
        named = Limit.create(shared_tables.data, write=150, name="named", jobs_table=shared_tables.jobs)
        assert "expiresAt" not in shared_tables.raw_ledger(f"group/{named.name}", "write")

    def test_a_group_that_exists_is_joined_if_it_has_the_same_limits(self, shared_tables: SharedTables) -> None:
        options: Mapping[str, Any] = {"name": "same", "jobs_table": shared_tables.jobs}
        Limit.create(shared_tables.data, write="50%", **options)
        Limit.create(shared_tables.data, write="50%", **options)
        Limit.create(shared_tables.data, write="50%", read=5, **options)
        error = refusal(lambda: Limit.create(shared_tables.data, write=500, read=7, **options))
        assert error.code == "LIMIT_EXISTS"
        assert error.message == (
            f'Limit group "same" has other limits for read on table {shared_tables.data}: '
            "5 units per second are in force, 7 units per second are wanted. "
            "Join it (Limit.join), or choose another name."
        )
        other = refusal(lambda: Limit.create(shared_tables.data, write=400, **options))
        assert "500 units per second, 100 on index byG are in force, 400 units per second, 200 on" in other.message

    def test_a_group_that_another_process_opens_meanwhile_is_compared_too(
        self, shared_tables: SharedTables, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        options: Mapping[str, Any] = {"name": "raced", "jobs_table": shared_tables.jobs}
        Limit.create(shared_tables.data, write=10, **options)
        read, late = DynamoDbLedger.read, [None]
        monkeypatch.setattr(DynamoDbLedger, "read", lambda self: late.pop() if late else read(self))
        assert refusal(lambda: Limit.create(shared_tables.data, write=20, **options)).code == "LIMIT_EXISTS"

    def test_all_problems_are_reported_together(self, shared_tables: SharedTables) -> None:
        error = refusal(
            lambda: Limit.create("a table", read="120%", write=0, name="a/b", jobs_table=shared_tables.jobs)
        )
        assert error.code == "INVALID_REQUEST"
        assert error.value == [
            "read must be above 0% and at most 100%, got '120%'.",
            'write must be at least 0.001 capacity units per second or a percentage such as "50%", got 0.',
            "table must be the name of a table, got 'a table'.",
            "name must be 1 to 64 letters, digits, - and _, got 'a/b'.",
        ]
        nothing = refusal(lambda: Limit.create(shared_tables.data, jobs_table=shared_tables.jobs))
        assert nothing.value == ["read or write must be given."]
        little = refusal(lambda: Limit.create(shared_tables.data, write="0.00001%", jobs_table=shared_tables.jobs))
        assert little.value == [
            "write must come to at least 0.001 capacity units per second on the table and its indexes, got 2e-05."
        ]
        much = refusal(lambda: Limit.create(shared_tables.data, write=1001, jobs_table=shared_tables.jobs))
        assert much.value == ["write must be at most what the table allows, 1000 capacity units per second, got 1001."]

    def test_missing_tables_are_named(self, shared_tables: SharedTables) -> None:
        table = refusal(lambda: Limit.create("no-table", write=1, jobs_table=shared_tables.jobs))
        assert table.message == "table must exist, but there is no table no-table in this region and account."
        jobs = refusal(lambda: Limit.create(shared_tables.data, write=1, jobs_table="no-jobs"))
        assert (jobs.code, jobs.value) == ("NO_SUCH_TABLE", "no-jobs")


class TestClients:
    @pytest.fixture
    def limit(self, shared_tables: SharedTables) -> Any:
        with Limit.create(shared_tables.data, write=1000, name="shared", jobs_table=shared_tables.jobs) as limit:
            yield limit

    def workers(self, tables: SharedTables) -> float:
        return tables.ledger_item("group/shared", "write").workers

    def test_copies_in_a_process_share_one_limiter(self, limit: Limit, shared_tables: SharedTables) -> None:
        client = limit.client("dynamodb")
        for each in (
            client,
            limit.client(),
            pickle.loads(pickle.dumps(client)),
            pickle.loads(pickle.dumps(limit)).client(),
        ):
            put(each, shared_tables)
        assert self.workers(shared_tables) == 1

    def test_a_closed_limit_refuses_and_its_copies_go_on(self, limit: Limit, shared_tables: SharedTables) -> None:
        client, copy = limit.client(), pickle.loads(pickle.dumps(limit))
        put(client, shared_tables)
        put(copy.client(), shared_tables)
        limit.close()
        limit.close()
        assert refusal(lambda: put(client, shared_tables)).code == "capacity.closed"
        put(copy.client(), shared_tables)
        assert self.workers(shared_tables) == 1
        copy.close()
        assert self.workers(shared_tables) == 0

    def test_a_client_has_the_options_it_is_given(self, limit: Limit) -> None:
        config = limit.client(config=Config(read_timeout=7, max_pool_connections=3)).meta.config
        assert (config.read_timeout, config.max_pool_connections) == (7, 3)
        assert limit.client(config=Config(read_timeout=7)).meta.config.max_pool_connections == 64
        assert limit.client(region_name="us-east-1").meta.region_name == "us-east-1"
        assert limit.client().meta.region_name == "eu-central-1"
        error = refusal(lambda: limit.client("s3"))
        assert error.message == "A limit is for clients of dynamodb, got s3: take boto3's own for that."
        assert refusal(lambda: limit.resource("s3")).code == "INVALID_REQUEST"

    def test_options_can_be_pickled(self, limit: Limit) -> None:
        client = limit.client(config=Config(read_timeout=7, retries={"total_max_attempts": 2}))
        config = pickle.loads(pickle.dumps(client)).meta.config
        assert (config.read_timeout, config.retries["total_max_attempts"]) == (7, 2)

    def test_a_client_shows_its_limit_without_being_built(self, limit: Limit, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(boto3.session.Session, "client", None)
        monkeypatch.setattr(boto3.session.Session, "resource", None)
        limit_text = repr(limit)
        assert repr(limit.client()) == f"<boto3 client under {limit_text}>"
        assert repr(limit.resource().Table("t")) == f"<boto3 table under {limit_text}>"
        assert not hasattr(limit.client(), "__len__")

    def test_a_client_made_elsewhere_can_share_the_limit(self, limit: Limit, shared_tables: SharedTables) -> None:
        put(limit.gate(boto3.client("dynamodb")), shared_tables)
        assert self.workers(shared_tables) == 1

    def test_resources_and_their_tables_can_be_pickled(self, limit: Limit, shared_tables: SharedTables) -> None:
        resource = pickle.loads(pickle.dumps(limit.resource("dynamodb")))
        table = pickle.loads(pickle.dumps(resource.Table(shared_tables.data)))
        table.put_item(Item={"k": "r", "n": 1})
        with table.batch_writer() as batch:
            batch.put_item(Item={"k": "s"})
        assert table.get_item(Key={"k": "r"})["Item"]["n"] == 1
        assert table.name == shared_tables.data
        assert self.workers(shared_tables) == 1

    def test_each_thread_has_a_resource_of_its_own_and_all_have_one_client(self, limit: Limit) -> None:
        resource, client = limit.resource(), limit.client()
        together = threading.Barrier(3)

        def ids(_: int) -> tuple[int, int]:
            together.wait(60)
            return id(resource.meta.client), id(client.meta)

        with ThreadPoolExecutor(3) as pool:
            found = list(pool.map(ids, range(3)))
        assert len({of_resource for of_resource, _ in found}) == 3
        assert len({of_client for _, of_client in found}) == 1

    @pytest.mark.parametrize("method", ["fork", "spawn"])
    def test_other_processes_are_workers_of_their_own(
        self, limit: Limit, shared_tables: SharedTables, method: str
    ) -> None:
        client = limit.client()
        put(client, shared_tables)
        call = operator.methodcaller("put_item", TableName=shared_tables.data, Item={"k": {"S": "other"}})
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
            pool.submit(call, client).result(timeout=120)
            assert self.workers(shared_tables) == 2
        put(client, shared_tables)
        assert shared_tables.count() == 2

    def test_a_ledger_that_cannot_be_reached_at_first_is_waited_for(
        self, limit: Limit, shared_tables: SharedTables, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        errors: list[Exception] = [ConnectTimeoutError(endpoint_url="http://local")] * 2
        acquire = CapacityLimiter.acquire

        def late(self: CapacityLimiter) -> Any:
            if errors:
                raise errors.pop()
            return acquire(self)

        monkeypatch.setattr(CapacityLimiter, "acquire", late)
        put(limit.client(), shared_tables)
        assert (errors, shared_tables.count()) == ([], 1)

    def test_a_process_gives_back_what_it_holds_when_it_ends(self, limit: Limit, shared_tables: SharedTables) -> None:
        script = (
            "import sys; from sluice import Limit; "
            "client = Limit.join('shared', jobs_table=sys.argv[1]).client(); "
            "client.put_item(TableName=sys.argv[2], Item={'k': {'S': 'x'}})"
        )
        command = [sys.executable, "-c", script, shared_tables.jobs, shared_tables.data]
        subprocess.run(command, cwd=SOURCES, check=True, timeout=120)
        item = shared_tables.ledger_item("group/shared", "write")
        assert (item.workers, item.reservations > 0) == (0, True)

    def test_rows_are_worked_on_in_threads_with_a_list_of_failures(
        self, limit: Limit, shared_tables: SharedTables
    ) -> None:
        client = limit.client()

        def write(row: int) -> None:
            client.put_item(TableName=shared_tables.data, Item={"k": {"S": "" if row == 7 else str(row)}})

        result = limit.for_each(iter(range(50)), write, concurrency=8)
        assert (result.done, [row for row, _ in result.failures]) == (49, [7])
        assert shared_tables.count() == 49

    def test_rows_end_with_the_limit(self, limit: Limit, shared_tables: SharedTables) -> None:
        limit.close()
        client = limit.client()
        error = refusal(lambda: limit.for_each(range(10), lambda row: put(client, shared_tables, str(row))))
        assert error.code == "capacity.closed"


@pytest.mark.usefixtures("fast_looks")
class TestPause:
    @pytest.fixture
    def job(self, shared_tables: SharedTables) -> str:
        return shared_tables.put_job(limits=[("write", shared_tables.data)])

    def pause(self, job: str, tables: SharedTables, paused: bool) -> None:
        tables.set_state(job, "paused" if paused else "running")
        tables.ledger(job, "write").pause(paused)

    def test_requests_wait_while_the_job_is_paused(self, job: str, shared_tables: SharedTables) -> None:
        limit = Limit.join(job, jobs_table=shared_tables.jobs)
        self.pause(job, shared_tables, True)
        with ThreadPoolExecutor(4) as pool, limit:
            puts = [pool.submit(put, limit.client(), shared_tables, str(number)) for number in range(4)]
            assert shared_tables.count() == 0
            self.pause(job, shared_tables, False)
            for each in puts:
                each.result(timeout=60)
        assert shared_tables.count() == 4

    @pytest.mark.parametrize("state", ["cancelled", "failed", "deleted"])
    def test_requests_end_with_the_job(self, job: str, shared_tables: SharedTables, state: str) -> None:
        with Limit.join(job, jobs_table=shared_tables.jobs) as limit:
            put(limit.client(), shared_tables)
            self.pause(job, shared_tables, True)
            if state == "deleted":
                shared_tables.client.delete_item(TableName=shared_tables.jobs, Key=job_key(job))
            else:
                shared_tables.set_state(job, state)

            def put_on() -> None:
                while True:
                    put(limit.client(), shared_tables)

            error = refusal(put_on)
            assert (error.code, error.value) == ("JOB_ENDED", state)

    def test_requests_end_when_the_ledger_is_deleted(self, job: str, shared_tables: SharedTables) -> None:
        with Limit.join(job, jobs_table=shared_tables.jobs) as limit:
            put(limit.client(), shared_tables)
            key = ledger_key(job, "write", shared_tables.data)
            shared_tables.client.delete_item(TableName=shared_tables.jobs, Key=key)

            def put_on() -> None:
                while True:
                    put(limit.client(), shared_tables)

            assert refusal(put_on).code == "capacity.ledger-missing"
            assert refusal(put_on).code == "capacity.ledger-missing"

    def test_closing_ends_the_wait(self, job: str, shared_tables: SharedTables) -> None:
        limit = Limit.join(job, jobs_table=shared_tables.jobs)
        self.pause(job, shared_tables, True)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(put, limit.client(), shared_tables)
            limit.close()
            error = waiting.exception(timeout=60)
        assert isinstance(error, SluiceError)
        assert error.code == "capacity.closed"


def test_errors_can_be_pickled() -> None:
    error = pickle.loads(pickle.dumps(SluiceError("A", "text", value=[1], retryable=True)))
    assert (error.code, error.message, error.value, error.retryable, str(error)) == ("A", "text", [1], True, "text")
