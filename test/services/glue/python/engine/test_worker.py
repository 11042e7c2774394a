"""A worker's life on DynamoDB Local: its troubles, and how it handles them. Counts are exact each time."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import page_functions
from dynamodb_local import DynamoDbLocal
from sluice.clock import system_clock
from sluice.engine.capacity_session import CapacitySession
from sluice.engine.places import Places
from sluice.errors import SluiceError
from sluice.jobs.records import JobEpoch, Lease
from sluice.jobs.stores import ChainStore
from sluice.operations import registry
from sluice.operations.page_function import PageFunction
from worker_ground import Threads, WorkerGround

ITEMS = 60


@pytest.fixture
def ground(dynamodb_local: DynamoDbLocal, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerGround]:
    yield WorkerGround(dynamodb_local, monkeypatch)


def on_page(monkeypatch: pytest.MonkeyPatch, hook: Any) -> None:
    monkeypatch.setattr(page_functions, "hook", hook)


def test_it_does_all_units_and_has_lambda_look_at_the_job(ground: WorkerGround) -> None:
    ground.start(ITEMS)
    assert ground.work() == "ended"
    assert ground.counted() == ITEMS
    assert (ground.head()["unitsDone"], ground.head()["claimed"]) == (4, 4)
    assert [message["MessageBody"] for message in ground.sent] == ['{"job":"job","chain":0,"turn":0}']
    assert ground.sent[0]["MessageGroupId"] == "job"
    # Its place is free again.
    assert [chain.owner for chain in ground.chains()] == [None]


def test_its_places_keep_what_it_used_beside_what_others_did(ground: WorkerGround) -> None:
    ground.start(ITEMS, chains=1)
    lease, now = Lease("job", 5, "spark/before", 0), time.time() * 1000
    assert ChainStore(ground.table).take(lease, now, now + 60_000, None) == (True, {})
    assert ChainStore(ground.table).release(lease, 0, {"writeUnits": 10_000, "gets": 3})
    ground.work()
    [usage] = ground.usage()
    # The claim, the checkpoint and the end of each of four units, the ledger's writes, reads of the job, and the
    # earlier usage.
    assert 10_010 < usage["writeUnits"] < 10_500
    assert 4 < usage["readUnits"] < 500
    assert usage["gets"] == 3


def test_a_unit_whose_page_fails_each_time_is_given_up_and_the_others_are_done(
    ground: WorkerGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.start(ITEMS)

    def hook(page: Any, tools: Any) -> None:
        if page.position.unit == 2:
            raise ValueError("item is odd")

    on_page(monkeypatch, hook)
    assert ground.work() == "ended"
    units = ground.units()
    assert [unit.state for unit in units] == ["done", "done", "failed", "done"]
    assert units[2].reason == "ValueError: item is odd (3 attempts)"
    assert [end.end for number, end in ground.ended if number == 2] == ["retried", "retried", "failed"]
    assert (ground.head()["unitsDone"], ground.head()["unitsFailed"]) == (3, 1)
    assert len(ground.sent) == 1


def test_errors_that_pass_change_nothing(ground: WorkerGround) -> None:
    calls = 0

    def fails(operation: str) -> bool:
        nonlocal calls
        calls += 1
        return calls % 3 == 0

    ground.start(ITEMS)
    ground.fails = fails
    assert ground.work() == "ended"
    assert ground.counted() == ITEMS


@pytest.mark.parametrize("result", [(1, 2), {1: "a"}, {"a"}, float("nan"), "x" * 300_001])
def test_a_result_that_a_checkpoint_cannot_keep_is_refused_at_the_first_page(result: Any) -> None:
    with pytest.raises(SluiceError, match="The result must"):
        PageFunction(lambda page, so_far, tools: result).page(None, None, None)  # type: ignore[arg-type]


def test_too_many_failures_pause_the_job_with_the_reason(ground: WorkerGround, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.OPERATIONS, "mine", "page_functions:Failing")
    ground.start(ITEMS, mostFailures=10, failures=0)
    assert ground.work() == "paused"
    head = ground.head()
    failed = sum(unit.counts.failures for unit in ground.units())
    assert f"{failed} items failed, more than the 10 allowed (maxFailures)" in head["reason"]
    assert failed > 10
    assert ground.sent == []
    # As many may fail again.
    ground.change_head(failuresBefore=failed, resumedAt=time.time() * 1000)
    ground.resume()
    assert ground.work() == "paused"
    again = sum(unit.counts.failures for unit in ground.units()) - failed
    assert f"{again} items failed since the job was resumed, more than the 10" in ground.head()["reason"]


def test_failures_that_are_counted_twice_pause_no_job(ground: WorkerGround, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.OPERATIONS, "mine", "page_functions:Failing")
    ground.start(ITEMS, mostFailures=1, mostFailuresPercent=100)
    on_page(
        monkeypatch,
        page_functions.Once(lambda page, tools: ground.hold(page.position.unit, time.time() * 1000 + 1_000)),
    )
    lost = iter([True])
    ground.loses = lambda request: ":add_failures" in request.get("ExpressionAttributeValues", {}) and next(lost, False)
    assert ground.work() == "ended"
    assert "lost" in [end.end for _, end in ground.ended]
    assert ground.counted() == ITEMS
    head = ground.head()
    assert head["recounts"] >= 1
    assert head["failures"] >= ITEMS


def test_a_lost_lease_loses_the_page_and_no_item(ground: WorkerGround, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.start(ITEMS)
    on_page(
        monkeypatch,
        page_functions.Once(lambda page, tools: ground.hold(page.position.unit, time.time() * 1000 + 1_000)),
    )
    assert ground.work() == "ended"
    assert "lost" in [end.end for _, end in ground.ended]
    assert ground.counted() == ITEMS


def test_it_waits_for_a_unit_that_a_dead_worker_holds(ground: WorkerGround) -> None:
    ground.start(ITEMS)
    ground.hold(1, time.time() * 1000 + 2_000)
    assert ground.work() == "ended"
    assert [unit.owner == "other" for unit in ground.units()] == [False] * 4
    assert ground.counted() == ITEMS


def test_a_pause_in_the_middle_of_a_unit_keeps_what_was_read(
    ground: WorkerGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pages of about a second each at this rate.
    ground.start(600, limits=[{"direction": "read", "table": ground.table_name, "limits": {"table": 30}}], units=1)
    on_page(monkeypatch, page_functions.Once(lambda page, tools: ground.pause()))
    assert ground.work() == "paused"
    (unit,) = ground.units()
    assert (unit.state, unit.owner) == ("active", None)
    assert 0 < int(unit.result) < 600  # type: ignore[call-overload]
    ground.resume()
    assert ground.work() == "ended"
    assert ground.counted() == 600


def test_a_worker_keeps_its_share_of_the_capacity_from_stretch_to_stretch(ground: WorkerGround) -> None:
    # About four seconds of work, in stretches that begin no page after 0.6 s.
    limits = [{"direction": "read", "table": ground.table_name, "limits": {"table": 30}}]
    ground.start(480, limits=limits, units=1)
    joins = []

    def note(request: Mapping[str, Any]) -> bool:
        workers = request.get("ExpressionAttributeValues", {}).get(":add_workers")
        if workers is not None:
            joins.append(int(workers["N"]))
        return False

    ground.loses = note
    assert ground.work(stretch_seconds=1) == "ended"
    assert ground.counted() == 480
    assert [end.end for _, end in ground.ended].count("stopped") >= 3
    assert joins == [1, -1]


def test_a_worker_that_finds_no_place_for_its_next_stretch_leaves_the_ledger(
    ground: WorkerGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ground.start(
        480, limits=[{"direction": "read", "table": ground.table_name, "limits": {"table": 60}}], units=1
    )
    (ledger,) = ground.ledgers(job)
    workers = []
    take = Places.take

    def refused(self: Places, *given: Any) -> Lease | None:
        workers.append(ledger.read().workers)
        return None if len(workers) in (2, 3) else take(self, *given)

    monkeypatch.setattr(Places, "take", refused)
    assert ground.work(stretch_seconds=1) == "ended"
    assert ground.counted() == 480
    # It was in the ledger when it looked for its second place, and not when it looked again.
    assert workers[:4] == [0, 1, 0, 0]


def test_a_session_counts_its_spending_since_it_was_opened(ground: WorkerGround) -> None:
    job = ground.start(20)
    client = ground.dynamodb
    session = CapacitySession(
        job,
        ledgers=client,
        limited=client,
        jobs_table=ground.jobs_table,
        clock=system_clock,
        on_ledger_error=lambda error: None,
    )
    session.open(math.inf)
    client.scan(TableName=ground.table_name, ReturnConsumedCapacity="INDEXES")
    spent = session.use().spent_ms
    assert spent > 0
    session.open(math.inf)
    assert session.use().spent_ms == spent
    session.close()
    session.open(math.inf)
    assert session.use().spent_ms == 0
    session.close()


def test_a_deleted_job_ends_it(ground: WorkerGround, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.start(ITEMS)
    on_page(monkeypatch, page_functions.Once(lambda page, tools: ground.change_head(deleting=True, state="cancelled")))
    assert ground.work() == "cancelled"


def test_no_more_workers_work_than_there_are_places(ground: WorkerGround) -> None:
    ground.start(ITEMS, chains=1, limits=[{"direction": "read", "table": ground.table_name, "limits": {"table": 20}}])
    threads = Threads(*(lambda slot=slot: ground.work(slot=slot, slots=3) for slot in range(3)))
    assert threads.join() == ["ended"] * 3
    assert ground.counted() == ITEMS
    assert [chain.number for chain in ground.chains()] == [5]


def test_a_worker_that_holds_back_begins_when_the_job_needs_more(
    ground: WorkerGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.start(ITEMS, chains=1)
    both = threading.Barrier(2, timeout=60)
    on_page(monkeypatch, _meet(both, lambda: ground.change_head(chains=2)))
    threads = Threads(*(lambda slot=slot: ground.work(slot=slot, slots=2, stretch_seconds=60) for slot in range(2)))
    assert threads.join() == ["ended", "ended"]
    assert [chain.number for chain in ground.chains()] == [5, 6]
    assert ground.counted() == ITEMS


def test_it_takes_the_place_of_a_worker_that_has_died(ground: WorkerGround) -> None:
    ground.start(ITEMS, chains=1)
    now = time.time() * 1000
    assert ChainStore(ground.table).take(Lease("job", 5, "spark/dead", 0), now, now + 1_500, None)[0]
    assert ground.work() == "ended"
    assert ground.counted() == ITEMS


def test_the_message_is_current_though_workers_on_lambda_have_used_the_chain(ground: WorkerGround) -> None:
    ground.start(ITEMS)
    now = time.time() * 1000
    lease = Lease("job", 0, "request/1", 0)
    assert ChainStore(ground.table).take(lease, now, now + 60_000, None)[0]
    assert ChainStore(ground.table).release(lease, 7)
    ground.work()
    assert ground.sent[0]["MessageBody"] == '{"job":"job","chain":0,"turn":7}'


def test_a_stretch_that_outlasts_its_leases_is_broken_off(
    ground: WorkerGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.start(ITEMS, units=1)
    broken_off = threading.Event()
    on_page(monkeypatch, lambda page, tools: broken_off.wait(60))
    # In a process of its own, the worker would have ended now. Here it goes on with the next stretch.
    assert ground.work(stretch_seconds=1, on_overrun=broken_off.set) == "ended"
    assert broken_off.is_set()
    (what, error), *_ = ground.troubles
    assert (what, isinstance(error, SluiceError) and error.code) == ("a stretch was broken off", "OUT_OF_TIME")
    assert ground.counted() == ITEMS


def test_an_outage_that_outlasts_a_stretch_does_not_end_the_process(ground: WorkerGround) -> None:
    ground.start(ITEMS)
    until = time.time() + 3
    ground.fails = lambda operation: operation == "UpdateItem" and time.time() < until
    broken_off = threading.Event()
    assert ground.work(stretch_seconds=1, on_overrun=broken_off.set) == "ended"
    assert not broken_off.is_set()
    assert ground.counted() == ITEMS


def test_a_target_that_was_made_anew_stops_the_job_and_the_writing_workers_publish_that(ground: WorkerGround) -> None:
    ground.start(20, target={"name": ground.table_name}, targetIdentity={"createdAt": 5})
    assert ground.work(writing_queue_url="writing") == "failed"
    reason = f"Table {ground.table_name} was deleted and recreated after the job began."
    assert (ground.head()["state"], ground.head()["reason"]) == ("failed", reason)
    assert [message["QueueUrl"] for message in ground.sent] == ["writing"]
    assert [unit.owner for unit in ground.units()] == [None] * 4


def test_what_it_cannot_work_on(ground: WorkerGround) -> None:
    with pytest.raises(SluiceError, match='has no job "job"'):
        ground.work()
    ground.start(20)
    for twins in ({}, {"mine": "page_functions"}, {"mine": "page_functions:none"}, {"mine": "no_module:f"}):
        with pytest.raises(SluiceError) as raised:
            ground.work(twins=twins)
        assert raised.value.code == "NO_SUCH_OPERATION"


def test_a_worker_that_was_begun_for_an_earlier_epoch_does_nothing(ground: WorkerGround) -> None:
    job = ground.start(20, epoch=3)
    assert ground.work(begun_for=JobEpoch(job.created_at, 2)) == "stale"
    assert ground.chains() == []


def test_a_worker_that_was_begun_for_an_earlier_job_of_the_same_id_does_nothing(ground: WorkerGround) -> None:
    job = ground.start(20)
    assert ground.work(begun_for=JobEpoch(job.created_at - 1, 0)) == "stale"
    assert ground.chains() == []


def test_a_job_made_anew_under_its_id_is_left_to_others(ground: WorkerGround, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ground.start(ITEMS)
    on_page(
        monkeypatch,
        page_functions.Once(lambda page, tools: ground.change_head(createdAt=job.created_at + 1, claimed=0)),
    )
    assert ground.work() == "stale"
    assert len(ground.ended) == 1
    assert ground.sent == []


def _meet(both: threading.Barrier, first: Any) -> Any:
    """The first page of each worker waits for that of the other."""
    seen: set[int] = set()
    once = page_functions.Once(first)

    def hook(page: Any, tools: Any) -> None:
        once()
        thread = threading.get_ident()
        if thread not in seen:
            seen.add(thread)
            both.wait()

    return hook
