"""Dry runs and results are the same as in TypeScript."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from golden import typescript_golden
from sluice.aws.dynamo_json import from_json_value, to_json_value
from sluice.operations.changes import compile_conditional_copy, compile_delete, compile_update
from sluice.tables.schema import TableSchema
from sluice.writing.conditional_write import Decide
from sluice.writing.dry_run import dry_run
from sluice.writing.item_key import key_of
from sluice.writing.key_text import key_text
from sluice.writing.settled import Settled
from sluice.writing.written import add_written, consumption_json, nothing_written


def test_dry_runs_find_the_same_outcomes_costs_and_examples() -> None:
    golden = typescript_golden("dryRuns")
    schema, job = TableSchema.of(golden["schema"]), golden["job"]
    items = [from_json_value(json.loads(text)) for text in golden["items"]]
    key = partial(key_of, table=schema.name, keys=schema.keys)
    deciders: dict[str, Callable[[Any], Decide]] = {
        "update": lambda params: compile_update(params, schema, job),
        "delete": lambda params: compile_delete(params, schema),
        "copy": lambda params: compile_conditional_copy(params, schema, job),
    }
    for case in golden["cases"]:
        decide = deciders[case["kind"]](case["params"])
        there = [from_json_value(json.loads(text)) for text in case.get("there", [])]
        by_key = {key_text(key(item)): item for item in there}
        asked: list[list[Any]] = []
        look_up = partial(looking, by_key, asked) if "there" in case else None
        first = dry_run(items[:15], decide, key, schema, look_up=look_up)
        second = dry_run(items[15:], decide, key, schema, first.examples, look_up)
        assert asked == [[json.loads(text) for text in keys] for keys in case.get("asked", [])]
        settled = [settled_json(each) for each in [*first.settled, *second.settled]]
        assert settled == [json.loads(text) for text in case["settled"]]
        assert [consumption_json(first.consumed), consumption_json(second.consumed)] == case["consumed"]
        assert second.examples == [json.loads(text) for text in case["examples"]]


def looking(by_key: Mapping[str, Any], asked: list[list[Any]], keys: Sequence[Any]) -> Mapping[str, Any]:
    """Reads from these items. `asked` gets the keys of each call."""
    asked.append([to_json_value(key) for key in keys])
    texts = [key_text(key) for key in keys]
    return {text: by_key[text] for text in texts if text in by_key}


def settled_json(settled: Settled) -> dict[str, Any]:
    failure = {} if settled.failure is None else {"failure": settled.failure._asdict()}
    return {"key": to_json_value(settled.key), "outcome": settled.outcome, **failure}


def test_results_add_up_to_the_same() -> None:
    for case in typescript_golden("written"):
        a, b, total = map(json.loads, case)
        assert add_written(a, b) == total
    a = json.loads(typescript_golden("written")[0][0])
    assert nothing_written() == a
