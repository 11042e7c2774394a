"""Lists of keys are read and split as in the TypeScript code."""

from __future__ import annotations

import math
from typing import Any

import pytest

from budgets import FixedBudget
from golden import typescript_golden
from sluice.aws.dynamo_json import to_json_value
from sluice.aws.number_text import is_number_text
from sluice.sources.keys.csv_line import csv_fields
from sluice.sources.keys.key_cost import KeyCost
from sluice.sources.keys.key_line import key_line
from sluice.sources.keys.key_parts import ListedObject, digest_of, folder_parts, object_parts
from sluice.sources.line_pages import LinePart


@pytest.mark.parametrize("case", typescript_golden("key-lines"))
def test_a_line_is_the_same_key_or_unreadable_for_the_same_reason(case: dict[str, Any]) -> None:
    for each in case["lines"]:
        read = key_line(each["line"], case["keys"], case.get("columns"))
        assert ({"reason": read} if isinstance(read, str) else {"key": to_json_value(read)}) == each["read"]


def test_csv_has_the_same_fields() -> None:
    for case in typescript_golden("csv-fields"):
        assert csv_fields(case["line"]) == case["fields"]


def test_the_same_texts_are_numbers() -> None:
    for case in typescript_golden("number-texts"):
        assert is_number_text(case["text"]) == case["is"], case["text"]


def test_units_have_the_same_parts() -> None:
    parts = typescript_golden("key-parts")
    for case in parts["objects"]:
        found = object_parts("b", case["list"], case["unit"], case["units"])
        assert [_part(each) for each in found] == [_expected(each) for each in case["parts"]]
    listed = [ListedObject(each["key"], each["etag"]) for each in parts["listed"]]
    assert digest_of(listed) == parts["digest"]
    for case in parts["folders"]:
        found = folder_parts("b", listed, case["unit"], case["units"])
        assert [_part(each) for each in found] == [_expected(each) for each in case["parts"]]


@pytest.mark.parametrize("case", typescript_golden("key-costs"))
def test_pages_and_requests_have_as_many_keys(case: dict[str, Any]) -> None:
    cost = KeyCost(FixedBudget(read=case["rate"]), case["strength"] == "strong", case["averageBytes"])
    for step in case["steps"]:
        assert (cost.batch(), cost.page()) == (step["batch"], step["page"])
        cost.observe(step["keys"], step["rcu"])


def _part(part: LinePart) -> dict[str, Any]:
    stored = part.stored
    return {
        "object": {"bucket": stored.bucket, "key": stored.key, "etag": stored.etag, "gzip": part.gzip},
        "from": part.begin._asdict(),
        "midLine": part.mid_line,
        "until": part.until,
    }


def _expected(part: dict[str, Any]) -> dict[str, Any]:
    return {"from": {"line": 0, "byte": 0}, "midLine": False, "until": math.inf, **part}
