"""Sizes, texts and numbers of items are the same as in the TypeScript code."""

from __future__ import annotations

import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from golden import expect_golden, typescript_golden
from random_items import random_item
from sluice.aws.decimals import add_numbers, plain_number
from sluice.aws.dynamo_json import dynamo_json, from_json_value, to_json_value
from sluice.aws.item_size import attribute_bytes, item_bytes, number_bytes


def test_items_have_the_same_sizes() -> None:
    for case in typescript_golden("itemSizes"):
        item = from_json_value(case["item"])
        assert item_bytes(item) == case["bytes"], case
        assert sum(attribute_bytes(name, value) for name, value in item.items()) == case["bytes"]


def test_items_have_the_same_text_and_are_read_from_it() -> None:
    for case in typescript_golden("itemSizes"):
        item = from_json_value(case["item"])
        assert dynamo_json(item) == case["text"]
        assert from_json_value(json.loads(case["text"])) == item
        assert to_json_value(item) == case["item"]


def test_random_items_are_kept_for_the_typescript_code() -> None:
    random = Random(14)
    items = [random_item(random) for _ in range(150)]
    cases = [{"item": to_json_value(each), "text": dynamo_json(each), "bytes": item_bytes(each)} for each in items]
    expect_golden("itemSizes", cases)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ({"B": "aGk="}, {"B": b"hi"}),
        ({"BS": ["aGk=", ""]}, {"BS": [b"hi", b""]}),
        ({"L": [{"M": {"B": {"B": "aGk="}}}]}, {"L": [{"M": {"B": {"B": b"hi"}}}]}),
        ({"B": {"S": "an item's attribute"}, "BS": {"L": []}}, {"B": {"S": "an item's attribute"}, "BS": {"L": []}}),
        ({"SS": ["aGk="]}, {"SS": ["aGk="]}),
    ],
)
def test_binary_is_base64_in_json_wherever_it_is(typed: Any, value: Any) -> None:
    assert from_json_value(typed) == value
    assert to_json_value(value) == typed


def test_numbers_have_the_same_sizes_and_texts() -> None:
    for text, size, plain in typescript_golden("numbers"):
        assert (number_bytes(text), plain_number(text)) == (size, plain), text


def test_numbers_have_the_same_order_and_sums() -> None:
    for a, b, order, total in typescript_golden("sums"):
        left, right = Decimal(a), Decimal(b)
        assert (left > right) - (left < right) == order, (a, b)
        assert add_numbers(a, b) == total, (a, b)
