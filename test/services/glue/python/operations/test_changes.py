"""Updates, deletions and copies are decided on as in TypeScript."""

from __future__ import annotations

import json
from typing import Any

import pytest

from golden import typescript_golden
from operations.verdicts import verdict_json
from sluice.aws.dynamo_json import from_json_value
from sluice.aws.item import Item
from sluice.errors import SluiceError
from sluice.operations.changes import compile_conditional_copy, compile_copy, compile_delete, compile_update
from sluice.tables.schema import TableSchema
from sluice.writing.conditional_write import Failure, Write

ORDERS = TableSchema("orders", ["id"], {"id": "S"}, [])


def items_of(texts: list[str]) -> list[Item]:
    return [from_json_value(json.loads(text)) for text in texts]


def test_updates_are_decided_on_alike() -> None:
    golden = typescript_golden("updates")
    schema, items = TableSchema.of(golden["schema"]), items_of(golden["items"])
    outcomes = set()
    for case in golden["cases"]:
        decide = compile_update(case["params"], schema, golden["job"])
        for at, expected in case["verdicts"]:
            found = verdict_json(decide(items[at]))
            assert found == json.loads(expected), (case["params"], items[at])
            outcomes.add(found.get("outcome", found.get("code", found["do"])))
    codes = {"ATTRIBUTE_MISSING", "INDEX_KEY_INVALID", "NOT_A_NUMBER", "NUMBER_OUT_OF_RANGE"}
    assert outcomes == {"write", "already", "skipped", *codes}


def test_items_and_keys_that_are_too_large_are_refused_at_the_same_byte() -> None:
    golden = typescript_golden("largeItems")
    schema, base = TableSchema.of(golden["schema"]), golden["base"]
    copied = compile_copy({}, schema, golden["job"])
    for case in golden["cases"]:
        text = {"S": "x" * case["length"]}
        if "key" in case:
            decide = compile_update({"update": {"set": {case["key"]: "${text}"}}}, schema, golden["job"])
            assert verdict_json(decide({**base, "text": text})) == json.loads(case["decided"])
            continue
        decide = compile_update({"update": golden["update"]}, schema, golden["job"])
        assert verdict_json(decide({**golden["item"], "text": text})) == json.loads(case["decided"])
        made = copied({**base, "text": text})
        assert (verdict_json(made) if isinstance(made, Failure) else "made") == case["copied"]


def test_deletions_are_decided_on_alike() -> None:
    golden = typescript_golden("deletions")
    schema, items = TableSchema.of(golden["schema"]), items_of(golden["items"])
    for case in golden["cases"]:
        decide = compile_delete(case["params"], schema)
        for item, expected in zip(items, case["verdicts"], strict=True):
            assert verdict_json(decide(item)) == json.loads(expected), (case["params"], item)


def test_copies_are_decided_on_alike_before_and_after_they_met_an_item() -> None:
    golden = typescript_golden("copies")
    schemas = [TableSchema.of(schema) for schema in golden["schemas"]]
    items, there = items_of(golden["items"]), items_of(golden["there"])
    outcomes = set()
    for case in golden["cases"]:
        decide = compile_conditional_copy(case["params"], schemas[case["schema"]], golden["job"])
        for at, expected, met in case["verdicts"]:
            verdict = decide(items[at])
            assert verdict_json(verdict) == json.loads(expected), (case["params"], items[at])
            if isinstance(verdict, Write):
                assert verdict.met is not None
                found = [verdict_json(verdict.met(item)) for item in there]
                assert found == [json.loads(text) for text in met]
                outcomes.update(each["outcome"] for each in found)
    assert outcomes == {"already", "skipped"}


def test_a_decision_does_not_depend_on_what_was_decided_before() -> None:
    params: dict[str, Any] = {"update": {"add": {"n": {"N": "1"}}, "marker": "by"}}
    decide = compile_update(params, ORDERS, "job-1")
    item = {"id": {"S": "1"}}
    assert verdict_json(decide(item)) == verdict_json(decide(item))
    assert item == {"id": {"S": "1"}}


@pytest.mark.parametrize(
    "decide",
    [
        compile_update({"update": {"set": {"a": {"S": "x"}}}}, ORDERS, "job-1"),
        compile_delete({}, ORDERS),
    ],
)
def test_an_item_without_its_key_is_a_fault_of_the_source(decide: Any) -> None:
    with pytest.raises(SluiceError) as raised:
        decide({"b": {"S": "x"}})
    assert raised.value.code == "KEY_MISSING"
