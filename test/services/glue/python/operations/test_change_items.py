"""Pages of writing jobs, with scripted answers. test/golden/writing.test.ts has the results of the TypeScript code."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from folder_s3 import FolderS3
from golden import expect_golden, typescript_golden
from sluice.aws.dynamo_json import from_json_value
from sluice.capacity.metering import CapacityLimits, Purpose
from sluice.operations.operation import OperationWork
from sluice.operations.registry import operation_of
from sluice.sources.source import UnreadableLine
from stub_client import Sent, StubClient, exception
from writing_tools import lines_of, outcomes_of, page_of, tools_of

TARGET = {
    "name": "orders",
    "keys": ["id"],
    "keyTypes": {"id": "S", "day": "S"},
    "indexes": [{"name": "byDay", "kind": "global", "keys": ["day"], "projection": "ALL"}],
}


class Table:
    """A table that answers each write as its script says. A write that succeeds consumes a unit, and so does a lookup.

    `there`: its items, if a dry run looks into it.
    """

    def __init__(self, answers: dict[str, list[dict[str, Any]]], there: list[Any] | None = None) -> None:
        self._script = {key: [*each] for key, each in answers.items()}
        self._there = there
        self.consumed: Counter[Purpose] = Counter()
        self.stub = StubClient(lambda sent, _: self._answer(sent))

    def _next(self, key: str | None) -> dict[str, Any]:
        answers = self._script.get(key or "", [])
        return answers.pop(0) if answers else {}

    def _answer(self, sent: Sent) -> dict[str, Any]:
        if sent.operation == "BatchExecuteStatement":
            return self._statements(sent.input["Statements"])
        if sent.operation == "BatchGetItem":
            return self._gets(sent.input["RequestItems"]["orders"]["Keys"])
        if sent.operation == "BatchWriteItem":
            return self._puts(sent.input["RequestItems"]["orders"])
        answer = self._next((sent.input.get("Key") or sent.input["Item"])["id"].get("S"))
        fail(answer)
        deleted = {"Attributes": from_json_value(answer["deleted"])} if "deleted" in answer else {}
        return self._reported(deleted, 1)

    def _statements(self, statements: list[dict[str, Any]]) -> dict[str, Any]:
        answers = []
        for each in statements:
            place = [part.endswith('"id"') for part in each["Statement"].split("=?")].index(True)
            answers.append(self._next(each["Parameters"][place].get("S")))
        responses = [response_of(answer) for answer in answers]
        return self._reported({"Responses": responses}, sum("code" not in answer for answer in answers))

    def _puts(self, requests: list[dict[str, Any]]) -> dict[str, Any]:
        answers = [self._next(each["PutRequest"]["Item"]["id"].get("S")) for each in requests]
        for answer in answers:
            fail(answer)
        left = [each for each, answer in zip(requests, answers, strict=True) if answer.get("unprocessed")]
        return self._reported({"UnprocessedItems": {"orders": left} if left else {}}, len(requests) - len(left))

    def _gets(self, keys: list[Any]) -> dict[str, Any]:
        left = [key for key in keys if self._next(key["id"].get("S")).get("unprocessed")]
        read = [key for key in keys if key not in left]
        assert self._there is not None
        items = [from_json_value(item) for item in self._there if {"id": item["id"]} in read]
        undone = {"orders": {"Keys": left}} if left else {}
        output = {"Responses": {"orders": items}, "UnprocessedKeys": undone}
        return self._reported(output, len(read), "lookup")

    def limits(self, purpose: Purpose) -> CapacityLimits | None:
        return CapacityLimits(1_000) if purpose == "lookup" and self._there is not None else None

    def _reported(self, output: dict[str, Any], units: int, purpose: Purpose = "write") -> dict[str, Any]:
        self.consumed[purpose] += units
        return {**output, "ConsumedCapacity": [{"TableName": "orders", "CapacityUnits": units}]}


def response_of(answer: dict[str, Any]) -> dict[str, Any]:
    if "code" in answer:
        met = {"Item": from_json_value(answer["met"])} if "met" in answer else {}
        return {"Error": {"Code": answer["code"], "Message": "No.", **met}}
    return {"Item": from_json_value(answer["deleted"])} if "deleted" in answer else {}


def fail(answer: dict[str, Any]) -> None:
    if "exception" in answer:
        met = {"Item": from_json_value(answer["met"])} if "met" in answer else {}
        raise exception(answer["exception"], "No.", **met)


def run(scenario: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The requests, results and objects of the pages, in the form of runScenario.ts."""
    table = Table(scenario.get("answers", {}), scenario.get("there"))
    s3 = FolderS3(folder / scenario["title"])
    for key, text in scenario.get("found", {}).items():
        s3.put_object(Bucket="results", Key=key, Body=text.encode())
    consumed, limits = table.consumed.__getitem__, table.limits
    tools = tools_of(table.stub, s3, consumed=consumed, limits=limits, concurrency=1)
    operation = operation_of(scenario["operation"])
    results: list[Any] = []
    for number, page in enumerate(scenario["pages"]):
        given = page_of(
            from_json_value(page["items"]),
            scenario["params"],
            target=TARGET,
            missing=from_json_value(page.get("missing", [])),
            unreadable=[UnreadableLine(**each) for each in page.get("unreadable", [])],
            last=page.get("last", False),
            number=number,
        )
        result = operation.page(given, results[-1] if results else None, tools)
        results.append(operation.flush(result, tools) if page.get("flush") else result)
    requests = [{"operation": sent.operation, "input": sent.input} for sent in table.stub.sent]
    objects = {key: text_of(s3.content("results", key)) for key in s3.keys("results")}
    return as_json({"requests": requests, "results": results, "objects": objects})


def text_of(body: bytes) -> str:
    return (gzip.decompress(body) if body.startswith(b"\x1f") else body).decode()


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=lambda each: b64encode(each).decode()))


PAGES = typescript_golden("writingPages")


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case["scenario"]["title"])
def test_pages_do_the_same_as_in_typescript(case, tmp_path):
    ran = run(case["scenario"], tmp_path)
    assert ran["requests"] == case["requests"]
    assert ran["results"] == case["results"]
    assert ran["objects"] == case["objects"]


def test_typescript_reads_what_pages_leave(tmp_path):
    scenarios = [case["scenario"] for case in PAGES]
    objects = [{"title": each["title"], "objects": run(each, tmp_path)["objects"]} for each in scenarios]
    expect_golden("writtenObjects", objects)


class FailingS3(FolderS3):
    failing: Exception | None = None
    """The error of every call."""

    def __getattribute__(self, name: str) -> Any:
        if name.endswith("_object") and self.failing is not None:
            raise self.failing
        return super().__getattribute__(name)


class Ground:
    """An update of one attribute, and the table and bucket that it works on."""

    def __init__(self, folder: Path, fates: dict[str, list[dict[str, Any]]], **params: Any) -> None:
        self.table, self.s3 = Table(fates), FailingS3(folder)
        self.params = {"update": {"set": {"label": {"S": "new"}}}, **params}
        self.operation: OperationWork = operation_of("update")
        self.tools = tools_of(self.table.stub, self.s3, concurrency=1)

    def page(self, ids: str, so_far: Any = None, **more: Any) -> Any:
        return self.operation.page(
            page_of([{"id": {"S": each}} for each in ids], self.params, **more), so_far, self.tools
        )

    def flush(self, result: Any) -> Any:
        return self.operation.flush(result, self.tools)

    def listed(self, number: int) -> list[str]:
        lines = lines_of(self.s3, f"job/failures/0000003/{number:07}.jsonl.gz")
        return [json.loads(line)["key"]["id"]["S"] for line in lines]


BAD = [{"code": "ValidationError"}]


def test_a_flush_puts_the_failures_of_all_pages_since_the_last_one_as_one_object(tmp_path):
    ground = Ground(tmp_path, {"b": BAD, "c": BAD, "d": BAD})
    flushed = ground.flush(ground.page("c", ground.page("ab")))
    assert (flushed["failureObjects"], ground.listed(0)) == (1, ["b", "c"])
    assert ground.flush(flushed) == flushed
    again = ground.flush(ground.page("d", flushed))
    assert (again["failureObjects"], ground.listed(1)) == (2, ["d"])
    assert ground.operation.failures(again) == 3


def test_a_page_that_comes_again_overwrites_what_its_first_attempt_put(tmp_path):
    ground = Ground(tmp_path, {"a": BAD, "b": BAD * 2})
    ground.flush(ground.page("ab"))
    again = ground.flush(ground.page("ab"))
    assert (again["failureObjects"], ground.listed(0)) == (1, ["b"])


def test_a_flush_that_fails_can_be_repeated(tmp_path):
    ground = Ground(tmp_path, {"a": BAD})
    page = ground.page("a")
    ground.s3.failing = exception("AccessDenied")
    with pytest.raises(Exception, match="AccessDenied"):
        ground.flush(page)
    ground.s3.failing = None
    assert (ground.flush(page)["failureObjects"], ground.listed(0)) == (1, ["a"])


def test_a_result_read_from_a_checkpoint_goes_on(tmp_path):
    ground = Ground(tmp_path, {})
    checkpoint = json.loads(json.dumps(ground.flush(ground.page("ab"))))
    other = Ground(tmp_path, {"d": BAD})
    assert outcomes_of(other.flush(other.page("cd", checkpoint))) == {"updated": 3, "failed": 1}


def test_a_write_whose_former_values_cannot_be_kept_is_not_sent(tmp_path):
    ground = Ground(tmp_path, {}, keepBefore=True)
    ground.s3.failing = exception("AccessDenied")
    with pytest.raises(Exception, match="AccessDenied"):
        ground.page("a")
    assert ground.table.stub.sent == []


def test_a_page_that_is_refused_half_way_raises_and_nothing_is_counted(tmp_path):
    ground = Ground(tmp_path, {"b": [{"code": "AccessDenied"}]})
    with pytest.raises(Exception, match="AccessDenied"):
        ground.page("abc")
