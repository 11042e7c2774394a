"""Reads pages of units and operates on them, for tests in which workers in both languages take turns.

For each line of standard input, a JSON object, it prints a line: a worker's state at its checkpoint. It knows nothing
of the lines before.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import boto3

from budgets import FixedBudget, source_tools
from pages import page_of, tools_of
from sluice.aws.dynamo_json import from_json_value, to_json_value
from sluice.operations.registry import operation_of
from sluice.results.open_object import object_sizes
from sluice.sources.registry import source_reader
from sluice.sources.source import UnitOfSource


class PrintedEntries:
    def __init__(self) -> None:
        self.values: list[Any] = []

    def put(self, unit: int, number: int, value: Mapping[str, Any]) -> None:
        self.values.append({"unit": unit, "number": number, "value": value})


def work(turn: dict[str, Any], dynamodb: Any, s3: Any) -> dict[str, Any]:
    for name, size in turn["sizes"].items():
        setattr(object_sizes, name, size)
    spec = from_json_value(turn["spec"])
    entries = PrintedEntries()
    tools = replace(tools_of(s3, entries), bucket=turn["bucket"])
    operation = operation_of(turn["operation"])
    unit = UnitOfSource(spec, turn["unit"], turn["units"], None, turn["counts"])
    source = source_reader(spec).open(
        unit, source_tools(s3=s3, dynamodb=dynamodb, budget=FixedBudget(most=turn["most"]))
    )
    cursor, result, number = turn["cursor"], turn["result"], turn["counts"]["pages"]
    scanned: list[Any] = []
    for _ in range(turn["pages"]):
        page = source.read(cursor)
        cursor = page.cursor
        read = page_of(
            page.items,
            job=turn["job"],
            unit=turn["unit"],
            page=number,
            last=cursor is None,
            scanned_bytes=page.scanned_bytes,
            scanned_items=page.scanned_items,
        )
        result = operation.page(read, result, tools)
        number += 1
        scanned.append(
            {
                "items": to_json_value(list(page.items)),
                "missing": to_json_value(list(page.missing)),
                "unreadable": len(page.unreadable),
                "scannedItems": page.scanned_items,
                "rcu": page.rcu,
            }
        )
        if cursor is None:
            break
    source.close()
    return {"cursor": cursor, "result": operation.flush(result, tools), "pages": scanned, "entries": entries.values}


if __name__ == "__main__":
    clients = boto3.client("dynamodb"), boto3.client("s3")
    for line in sys.stdin:
        print(json.dumps(work(json.loads(line), *clients)), flush=True)
