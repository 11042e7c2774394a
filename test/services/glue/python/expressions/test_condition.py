"""Conditions have the same answers as in TypeScript, where a test compares them with DynamoDB Local."""

from __future__ import annotations

import sys
from random import Random
from typing import Any

import pytest

from golden import expect_golden, typescript_golden
from random_items import NUMBERS, random_condition_text, random_item, random_value
from sluice.aws.dynamo_json import from_json_value, to_json_value
from sluice.aws.item import Item
from sluice.errors import SluiceError
from sluice.expressions.condition import only_if, parse_condition


def test_conditions_have_the_same_paths_and_answers() -> None:
    golden = typescript_golden("conditions")
    items = [from_json_value(item) for item in golden["items"]]
    cases = [case for case in golden["cases"] if "answers" in case]
    for case in cases:
        condition = parse_condition(case["text"], case["names"], from_json_value(case["values"]))
        assert [list(path) for path in condition.paths] == case["paths"], case
        assert "".join("01"[condition.holds(item)] for item in items) == case["answers"], case
    assert len(cases) > 400


def test_the_same_texts_are_refused_for_the_same_reasons() -> None:
    cases = [case for case in typescript_golden("conditions")["cases"] if "refused" in case]
    for case in cases:
        with pytest.raises(SluiceError) as raised:
            parse_condition(case["text"], case["names"], from_json_value(case["values"]), "onlyIf")
        assert (raised.value.code, raised.value.value) == ("INVALID_EXPRESSION", case["text"])
        assert raised.value.message == case["refused"]
    assert len(cases) > 100


def test_random_conditions_are_kept_for_the_typescript_code() -> None:
    random = Random(14)
    items = [random_item(random) for _ in range(30)]
    cases = [_answered(random_condition_text(random), random, items) for _ in range(300)]
    assert {"answers" in case for case in cases} == {True, False}
    assert {answer for case in cases for answer in case.get("answers", "")} == {"0", "1"}
    expect_golden("conditions", {"items": [to_json_value(item) for item in items], "cases": cases})


def _answered(text: str, random: Random, items: list[Item]) -> dict[str, Any]:
    typed = {
        ":s": {"S": random.choice(["S", "a", "é"])},
        ":n": {"N": random.choice(NUMBERS)},
        ":v": random_value(random),
    }
    # A value or a name that is not used is refused.
    values = {name: value for name, value in typed.items() if name in text}
    names = {"#read": "b.c"} if "#read" in text else {}
    given = {"text": text, "names": names, "values": to_json_value(values)}
    try:
        condition = parse_condition(text, names, values, "onlyIf")
    except SluiceError as error:
        return {**given, "refused": error.message}
    answers = "".join("01"[condition.holds(item)] for item in items)
    return {**given, "paths": [list(path) for path in condition.paths], "answers": answers}


def test_nesting_is_not_bound_to_the_stack_of_python() -> None:
    text = f"{'NOT (' * 299}a = b{')' * 299}"
    limit = sys.getrecursionlimit()
    depth = 0
    frame = sys._getframe()
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    sys.setrecursionlimit(depth + 400)
    try:
        assert parse_condition(text).holds({}) is True
    finally:
        sys.setrecursionlimit(limit)


def test_values_of_parameters_are_plain_json_or_dynamodb_json() -> None:
    params = {
        "onlyIf": "#n = :n AND b = :b AND begins_with(t, :t) AND z = :z AND l = :l",
        "names": {"#n": "a.b"},
        "values": {":n": 1.5, ":t": "x", ":z": None, ":l": [1, {"a": True}]},
        "typedValues": {":b": {"B": "aGk="}},
    }
    condition = only_if(params)
    item = {
        "a.b": {"N": "1.50"},
        "b": {"B": b"hi"},
        "t": {"S": "xyz"},
        "z": {"NULL": True},
        "l": {"L": [{"N": "1"}, {"M": {"a": {"BOOL": True}}}]},
    }
    assert condition is not None
    assert condition.holds(item)
    assert not condition.holds({**item, "b": {"B": b"ho"}})
    assert only_if({}) is None
