"""This package sends and keeps the same as the TypeScript code: test/golden/writing.test.ts."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from golden import typescript_golden
from sluice.aws.dynamo_json import from_json_value
from sluice.capacity.metering import CapacityLimits
from sluice.writing.conditional_write import Change, ConditionalWrite, Delete, Put, Seen, Update
from sluice.writing.failure_list import FailureRecord, failure_line
from sluice.writing.item_requests import request_of
from sluice.writing.lines_object import line_bytes
from sluice.writing.pace import WriteCost, batch_size, requests_at_once
from sluice.writing.statements import statement_of


def as_json(value: Any) -> Any:
    """The form in golden files: binary as base64, tuples as lists."""
    return json.loads(json.dumps(value, default=lambda each: b64encode(each).decode()))


WRITES = typescript_golden("writes")


def change_of(change: dict[str, Any]) -> Change:
    if change["kind"] == "put":
        return Put(change["item"])
    if change["kind"] == "delete":
        return Delete(change.get("before"))
    return Update(change["set"], change["remove"])


def write_of(write: dict[str, Any]) -> ConditionalWrite:
    given = from_json_value(write)
    seen = [Seen(tuple(each["path"]), each["value"]) for each in given["seen"]]
    return ConditionalWrite(given["key"], change_of(given["change"]), seen)


@pytest.mark.parametrize("case", WRITES, ids=lambda case: case["name"])
def test_a_write_has_the_same_statement_and_the_same_request(case):
    write = write_of(case["write"])
    statement = statement_of('ta"ble', write)
    assert (statement and as_json(statement._asdict())) == case["statement"]
    method, given = request_of("table", write)
    operation = "".join(part.capitalize() for part in method.split("_"))
    assert as_json({"operation": operation, "input": given}) == case["request"]


@pytest.mark.parametrize("case", typescript_golden("failureLines"), ids=lambda case: case["record"]["code"])
def test_a_failure_has_the_same_line(case):
    given = {"key": None, **from_json_value(case["record"])}
    assert line_bytes(failure_line(FailureRecord(**given))).decode() == case["line"] + "\n"


def test_batches_and_requests_have_the_same_pace():
    golden = typescript_golden("writePace")
    for case in golden["pace"]:
        ms, size = case["ms"], case["size"]
        assert batch_size(ms) == size
        for at_once in case["atOnce"]:
            taken = at_once["requestMs"]
            assert [requests_at_once(ms, size, taken, most) for most in (1, 16, 32)] == at_once["most"]
    limits = CapacityLimits(**golden["limits"])
    cost = WriteCost(3)
    learned = [cost.ms(limits)]
    for report in golden["reports"]:
        cost.learn(report["units"], report["writes"])
        learned.append(cost.ms(limits))
    assert learned == pytest.approx(golden["learned"], rel=1e-12)
    assert WriteCost(3).ms(None) is None
