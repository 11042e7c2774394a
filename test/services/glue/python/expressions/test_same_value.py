from __future__ import annotations

import pytest

from golden import typescript_golden
from sluice.aws.dynamo_json import from_json_value
from sluice.aws.item import AttributeValue
from sluice.expressions.same_value import same_item, same_value


def test_items_are_the_same_for_both_languages() -> None:
    answers = []
    for a, b, same in typescript_golden("sameItems"):
        left, right = from_json_value(a), from_json_value(b)
        assert same_item(left, right) == same_item(right, left) == same, (a, b)
        answers.append(same)
    assert {True, False} == set(answers)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (None, None, True),
        (None, {"NULL": True}, False),
        ({"NULL": True}, None, False),
        ({"N": "1"}, {"S": "1"}, False),
        ({"BS": [b"a", b"b"]}, {"BS": [b"b", b"a"]}, True),
        ({"L": [{"N": "1"}]}, {"L": [{"N": "1.0"}, {"N": "2"}]}, False),
        ({"M": {"a": {"N": "1"}}}, {"M": {"b": {"N": "1"}}}, False),
    ],
)
def test_values_are_the_same(a: AttributeValue | None, b: AttributeValue | None, same: bool) -> None:
    assert same_value(a, b) is same
