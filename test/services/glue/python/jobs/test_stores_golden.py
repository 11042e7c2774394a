"""The stores make the requests that test/golden/jobStores.test.ts wrote, and read the same from the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from golden import typescript_golden
from sluice.jobs.attributes import json_attribute
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
    UnitCounts,
    job_of,
)
from sluice.jobs.stores import ChainStore, JobEntries, JobStore, UnitStore
from sluice.jobs.table import JobsTable

_Args = list[Any]


def test_requests_and_answers_of_the_stores() -> None:
    for case in typescript_golden("job-stores"):
        client = _FakeClient(case["answers"])
        table = JobsTable(client, "jobs", lambda call: call())
        result = _CALLS[case["store"], case["method"]](table, case["args"])
        assert client.requests == case["requests"], case
        assert _plain(result) == _plain(_expected(case)), case


def test_results_and_cursors_as_json_text() -> None:
    for case in typescript_golden("json-attributes"):
        if case["value"] is not None:
            assert json_attribute(case["value"]) == case["text"]


class _FakeClient:
    def __init__(self, answers: list[Mapping[str, Any]]) -> None:
        self.requests: list[dict[str, Any]] = []
        self._answers = answers

    def _send(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        answer = self._answers[len(self.requests)] if len(self.requests) < len(self._answers) else {}
        self.requests.append({"operation": operation, "input": request})
        if "refused" in answer:
            raise _error("ConditionalCheckFailedException", {"Item": answer["refused"]} if answer["refused"] else {})
        if "cancelled" in answer:
            reasons = [{"Code": code} for code in answer["cancelled"]]
            raise _error("TransactionCanceledException", {"CancellationReasons": reasons})
        response = {"Attributes": answer.get("item"), "Item": answer.get("item"), "Items": answer.get("items", [])}
        more = {"LastEvaluatedKey": {"pk": {"S": "p"}}} if answer.get("more") else {}
        return {name: value for name, value in response.items() if value is not None} | more

    def update_item(self, **request: Any) -> Any:
        return self._send("UpdateItem", request)

    def get_item(self, **request: Any) -> Any:
        return self._send("GetItem", request)

    def put_item(self, **request: Any) -> Any:
        return self._send("PutItem", request)

    def query(self, **request: Any) -> Any:
        return self._send("Query", dict(request))

    def transact_write_items(self, **request: Any) -> Any:
        return self._send("TransactWriteItems", request)


def _error(code: str, more: dict[str, Any]) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "m"}, **more}
    return ClientError(response, "Any")


def _job(record: Mapping[str, Any]) -> Job:
    return job_of(record)


def _lease(record: Mapping[str, Any]) -> Lease:
    return Lease(record["job"], record.get("unit", record.get("chain")), record["owner"], record["turn"])


def _checkpoint(record: Mapping[str, Any]) -> Checkpoint:
    counts = UnitCounts.of(record["counts"])
    return Checkpoint(
        record.get("cursor"), counts, record["result"], record["rcuPerSecond"], record.get("wcuPerSecond")
    )


def _release(table: JobsTable, args: _Args) -> bool:
    lease, put_down = args
    unsaved, failure = put_down.get("unsaved"), put_down.get("failure")
    return UnitStore(table).release(
        _lease(lease),
        put_down["now"],
        put_down["attempts"],
        unsaved and _checkpoint(unsaved),
        failure and Failure(failure["reason"], failure["retryAt"]),
    )


def _take(store: UnitStore | ChainStore, request: Mapping[str, Any]) -> Any:
    return store.take(_lease(request), request["now"], request["until"], request.get("expiresAt"))


_CALLS: dict[tuple[str, str], Callable[[JobsTable, _Args], Any]] = {
    ("jobs", "claim"): lambda table, args: JobStore(table).claim(args[0], Ended(**args[1])),
    ("jobs", "ended"): lambda table, args: JobStore(table).ended(_job(args[0]), Ended(**args[1])),
    ("jobs", "head"): lambda table, args: JobStore(table).head(*args),
    ("jobs", "read"): lambda table, args: JobStore(table).read(*args),
    ("jobs", "setChains"): lambda table, args: JobStore(table).set_chains(_job(args[0]), args[1]),
    ("jobs", "addFailures"): lambda table, args: JobStore(table).add_failures(*args),
    ("jobs", "failedItems"): lambda table, args: JobStore(table).failed_items(*args),
    ("jobs", "recount"): lambda table, args: JobStore(table).recount(_job(args[0]), *args[1].values()),
    ("jobs", "stop"): lambda table, args: JobStore(table).stop(_job(args[0]), *args[1:]),
    ("jobs", "pause"): lambda table, args: JobStore(table).pause(_job(args[0]), *args[1:]),
    ("units", "take"): lambda table, args: _take(UnitStore(table), args[0]),
    ("units", "save"): lambda table, args: UnitStore(table).save(_lease(args[0]), _checkpoint(args[1]), args[2]),
    ("units", "release"): _release,
    ("units", "finish"): lambda table, args: UnitStore(table).finish(_lease(args[0]), _checkpoint(args[1]), args[2]),
    ("units", "note"): lambda table, args: UnitStore(table).note(_lease(args[0]), **args[1]),
    ("units", "fail"): lambda table, args: UnitStore(table).fail(_lease(args[0]), **args[1]),
    ("units", "read"): lambda table, args: UnitStore(table).read(*args),
    ("units", "list"): lambda table, args: UnitStore(table).list(*args),
    ("chains", "take"): lambda table, args: _take(ChainStore(table), args[0])[0],
    ("chains", "read"): lambda table, args: ChainStore(table).read(*args),
    ("chains", "release"): lambda table, args: ChainStore(table).release(_lease(args[0]), *args[1:]),
    ("entries", "put"): lambda table, args: JobEntries(table, "j", 1_900_000_000).put(*args),
}


def _expected(case: Mapping[str, Any]) -> Any:
    """The TypeScript store's result in the form that the Python store gives it."""
    store, method, result = case["store"], case["method"], case["result"]
    if method == "claim":
        return [result["claimed"], result.get("head")]
    if (store, method) == ("units", "take"):
        return [result["taken"], result["unit"]]
    return result["taken"] if (store, method) == ("chains", "take") else result


def _plain(result: Any) -> Any:
    """The fields that both sides have."""
    if isinstance(result, list | tuple):
        return [_plain(each) for each in result]
    if isinstance(result, JobHead):
        limits = [[limit.purpose, limit.table, limit.limits.table] for limit in result.limits]
        failures = [result.failures, result.recounts, result.failures_before, result.most_failures]
        brake = [*failures, result.most_failures_percent, result.resumed_at]
        return [
            result.id,
            result.state,
            result.epoch,
            result.claimed,
            result.chains,
            result.limit_group,
            *brake,
            limits,
        ]
    if isinstance(result, FailedItems):
        return [result.scanned_items, result.failures]
    if isinstance(result, dict) and set(result) == {"scannedItems", "failures"}:
        return [result["scannedItems"], result["failures"]]
    if isinstance(result, Unit):
        return [
            *(result.number, result.state, result.turn, result.owner, result.attempts, result.cursor, result.result),
            *(result.counts.record(), result.rcu_per_second, result.updated_at, result.retry_at, result.reason),
        ]
    if isinstance(result, Chain):
        return [result.number, result.turn, result.owner, result.lease_until]
    if isinstance(result, dict) and "leaseUntil" in result and "state" not in result:
        return [result["number"], result["turn"], result["owner"], result["leaseUntil"]]
    if isinstance(result, dict) and "limits" in result:
        limits = [
            [limit.get("purpose", limit["direction"]), limit["table"], limit["limits"]["table"]]
            for limit in result["limits"]
        ]
        names = ("id", "state", "epoch", "claimed", "chains", "limitGroup")
        brake = ("failures", "recounts", "failuresBefore", "mostFailures", "mostFailuresPercent", "resumedAt")
        return [*(result.get(name) for name in (*names, *brake)), limits]
    if isinstance(result, dict):
        nothing = {"pages": 0, "scannedItems": 0, "items": 0, "rcu": 0}
        names = ("number", "state", "turn", "owner", "attempts", "cursor", "result", "counts", "rcuPerSecond")
        defaults = {"attempts": 0, "counts": nothing, "rcuPerSecond": 0, "updatedAt": 0}
        return [result.get(name, defaults.get(name)) for name in (*names, "updatedAt", "retryAt", "reason")]
    return result
