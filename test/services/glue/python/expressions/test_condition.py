"""Conditions answer what they answer in TypeScript, where a test asks DynamoDB Local."""

from __future__ import annotations

import sys

import pytest

from golden import typescript_golden
from sluice.aws.dynamo_json import from_json_value
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
