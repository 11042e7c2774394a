"""Random updates and deletions, on which test/golden/pythonChanges.test.ts decides again."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from golden import expect_golden
from operations.verdicts import verdict_json
from random_items import CHANGED, NUMBERS, TEXTS, random_item, random_value
from sluice.aws.dynamo_json import dynamo_json, from_json_value, to_json_value
from sluice.aws.item import Item
from sluice.expressions.same_value import same_item
from sluice.operations.changes import compile_delete, compile_update
from sluice.tables.schema import TableSchema
from sluice.writing.applied import applied
from sluice.writing.conditional_write import Count, Update, Write

SCHEMA = {
    "name": "orders",
    "keys": ["pk"],
    "keyTypes": {"pk": "S", "g": "S"},
    "indexes": [{"name": "by-g", "kind": "global", "keys": ["g"], "projection": "ALL"}],
}
JOB = "job-π"


def random_update(random: Random) -> dict[str, Any]:
    targets = random.sample(CHANGED, random.randrange(1, 5))
    marked = random.random() < 0.4
    update: dict[str, Any] = {"set": {}, "remove": [], "names": {}}
    for name in targets:
        kind = random.choice(["template", "constant", "remove", *(["add"] if marked and name != "g" else [])])
        spelled = f"#{len(update['names'])}"
        update["names"][spelled] = name
        if kind == "template":
            update["set"][spelled] = random.choice(["${a}", "${a}#${name}", "$${${l[0]}}", "plain", "😀${#c.name}"])
        elif kind == "remove":
            update["remove"].append(spelled)
        elif kind == "add":
            update.setdefault("add", {})[spelled] = {"N": random.choice(["1", "-0.5", "1e37"])}
        else:
            value = {"S": random.choice(TEXTS[1:])} if name == "g" else random_value(random)
            update["set"][spelled] = to_json_value(value)
    if any("#c" in value for value in update["set"].values() if isinstance(value, str)):
        update["names"]["#c"] = "b.c"
    if marked:
        update["marker"] = "marker"
    if random.random() < 0.5:
        update.update(random_condition(random))
        update["names"] = {**update["names"], "#read": "b.c"}
    if random.random() < 0.5:
        update["missing"] = random.choice(["skip", "fail"])
    return update


def random_condition(random: Random) -> dict[str, Any]:
    condition = random.choice(
        [
            "a = :v OR a <> :w",
            "#read < :v AND NOT l[0] = :w",
            "contains(l, :v) OR begins_with(name, :t) OR #read = :w",
            "size(a) >= :n AND #read <> :w OR a IN (:v, :w)",
        ]
    )
    typed = {":v": random_value(random), ":w": random_value(random)}
    ordered = {":v": {"N": random.choice(NUMBERS)}} if "<" in condition.replace("<>", "") else {}
    plain = {name: value for name, value in {":t": "a", ":n": 2}.items() if name in condition}
    used = {name: value for name, value in {**typed, **ordered}.items() if name in condition}
    text = condition if "#read" in condition else f"({condition}) AND #read <> a"
    return {"onlyIf": text, "values": plain, "typedValues": to_json_value(used)}


def verdict_text(verdict: Any) -> str:
    return json.dumps(verdict_json(verdict), ensure_ascii=False, separators=(",", ":"))


def test_random_changes_are_kept_for_the_typescript_code() -> None:
    random = Random(14)
    schema = TableSchema.of(SCHEMA)
    cases = []
    for _ in range(120):
        update, items = random_update(random), [random_item(random) for _ in range(3)]
        decide = compile_update({"update": update}, schema, JOB)
        cases.append(case_of({"update": update}, items, decide))
    for _ in range(30):
        params = {**random_condition(random), "names": {"#read": "b.c"}, "keepBefore": random.random() < 0.5}
        items = [random_item(random) for _ in range(3)]
        cases.append(case_of(params, items, compile_delete(params, schema)))
    verdicts = [json.loads(text) for case in cases for text in case["verdicts"]]
    assert {verdict["do"] for verdict in verdicts} == {"write", "count", "fail"}
    expect_golden("changes", {"schema": SCHEMA, "job": JOB, "cases": cases})


def case_of(params: dict[str, Any], items: list[dict[str, Any]], decide: Any) -> dict[str, Any]:
    return {
        "params": params,
        "items": [dynamo_json(item) for item in items],
        "verdicts": [verdict_text(decide(item)) for item in items],
    }


def test_an_update_changes_nothing_in_its_own_result() -> None:
    """A page that comes again meets its own writes and counts them as `already`."""
    random = Random(15)
    schema = TableSchema.of(SCHEMA)
    changed = 0
    for _ in range(1_500):
        decide = compile_update({"update": random_update(random)}, schema, JOB)
        item: Item = from_json_value(json.loads(dynamo_json(random_item(random))))
        verdict = decide(item)
        if not isinstance(verdict, Write):
            continue
        change = verdict.write.change
        assert isinstance(change, Update)
        after = applied(item, change)
        assert not same_item(after, item)
        assert decide(after) == Count("already")
        changed += 1
    assert changed > 100
