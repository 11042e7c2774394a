"""The gate handles requests and their answers like the capacity plug-in in TypeScript."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from golden import typescript_golden
from sluice.capacity.plugin.as_asked import as_asked, metered
from sluice.capacity.plugin.operations import use_of
from sluice.capacity.plugin.outcome import Outcome, outcome_of
from sluice.capacity.plugin.partiql import parse_statement

TABLE = "bulk"


def with_bytes(value: Any) -> Any:
    """The golden files have bytes as `{"$bytes": base64}`."""
    if isinstance(value, list):
        return [with_bytes(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "$bytes" in value:
        return base64.b64decode(value["$bytes"])
    return {name: with_bytes(each) for name, each in value.items()}


def cases(name: str) -> Any:
    return with_bytes(typescript_golden(name))


@pytest.mark.parametrize("case", cases("requests"), ids=lambda case: case["operation"])
def test_requests_use_the_table_and_are_asked_for_figures_as_in_typescript(case: Mapping[str, Any]) -> None:
    given = case["input"]
    before = copy.deepcopy(given)
    assert {way: use_of(case["operation"], given, TABLE, way) for way in ("read", "write")} == case["use"]
    assert {**given, **metered(given)} == case["asked"]
    assert given == before


@pytest.mark.parametrize("case", cases("statements"), ids=lambda case: repr(case["text"]))
def test_statements_are_read_as_in_typescript(case: Mapping[str, Any]) -> None:
    found = parse_statement(case["text"])
    shown = found and {"verb": found.verb, "direction": found.direction, "table": found.table}
    assert shown == (case["statement"] and {k: v for k, v in case["statement"].items() if k != "index"})
    assert (found and found.index) == (case["statement"] or {}).get("index")


@pytest.mark.parametrize("case", cases("answers"))
def test_answers_are_charged_and_shown_as_in_typescript(case: Mapping[str, Any]) -> None:
    answer, given = case["answer"], case["input"]
    response, status = (answer["output"], 200) if "output" in answer else (error_response(answer), answer["status"])
    assert portable(outcome_of(response, status, given, TABLE)) == {k: case[k] for k in ("consumed", "throttled")}
    as_asked(response, given)
    response.pop("Error", None)
    assert response == case["left"]


def error_response(answer: Mapping[str, Any]) -> dict[str, Any]:
    """As botocore parses it."""
    response: dict[str, Any] = {"Error": {"Code": answer["code"], "Message": "no"}}
    if "item" in answer:
        response["Item"] = answer["item"]
    if "reasons" in answer:
        response["CancellationReasons"] = answer["reasons"]
    return response


def portable(outcome: Outcome) -> dict[str, Any]:
    consumed = outcome.consumed
    known = None if consumed is None else {"table": consumed.table, "indexes": dict(consumed.indexes)}
    return {"consumed": known, "throttled": outcome.throttled}


def test_every_operation_of_boto3_is_known() -> None:
    model = boto3.client("dynamodb", region_name="eu-central-1").meta.service_model
    guessed = [
        name for name in model.operation_names if use_of(name, {"TableName": TABLE}, TABLE, "read") == "estimated"
    ]
    assert guessed == ["SearchVectors"]
    assert len(model.operation_names) > 55
