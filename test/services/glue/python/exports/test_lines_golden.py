"""Lines of exports are written and read in the same way as in the TypeScript code."""

from __future__ import annotations

from typing import Any

from golden import typescript_golden
from sluice.aws.dynamo_json import from_json_value, to_json_value
from sluice.exports.exported_line import ExportedLine, exported_line
from sluice.exports.item_lines import item_lines


def test_items_are_the_same_lines() -> None:
    cases = typescript_golden("item-lines")
    for case in cases:
        item = from_json_value(case["item"])
        assert item_lines([item], "dynamodb-json").decode() == case["typed"]
        assert item_lines([item], "json").decode() == case["plain"]
    together = [from_json_value(case["item"]) for case in cases]
    assert item_lines(together, "json").decode() == "".join(case["plain"] for case in cases)


def test_lines_are_the_same_items() -> None:
    for case in typescript_golden("exported-lines"):
        assert _shown(exported_line(case["line"])) == case["read"], case["line"]


def _shown(read: ExportedLine | None) -> Any:
    return None if read is None else {"deleted" if read.deleted else "item": to_json_value(read.item)}
