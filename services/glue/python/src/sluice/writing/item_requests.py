"""Conditional writes as requests of one item each. The same as shared/writing/itemRequests.ts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sluice.aws.item import AttributeValue, Item
from sluice.expressions.path import Path
from sluice.writing.conditional_write import ConditionalWrite, Delete, Put, Seen, Update


class ItemRequest(NamedTuple):
    method: str
    """Of a boto3 client: `put_item`, `delete_item` or `update_item`."""
    input: dict[str, Any]


def request_of(table: str, write: ConditionalWrite) -> ItemRequest:
    key, change = write.key, write.change
    placeholders = _Placeholders()
    own: dict[str, Any]
    if isinstance(change, Put):
        method, own = "put_item", {"Item": change.item}
        condition = f"attribute_not_exists({placeholders.name(next(iter(key)))})"
    else:
        condition = _unchanged(key, write.seen, placeholders)
        if isinstance(change, Delete):
            method, own = "delete_item", {"Key": key, "ReturnValues": "ALL_OLD"}
        else:
            method, own = "update_item", {"Key": key, **_update_expression(change, placeholders)}
    common = {
        "TableName": table,
        "ConditionExpression": condition,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return ItemRequest(method, {**common, **placeholders.expressions(), **own})


class _Placeholders:
    """Placeholders for all names and values, so that none can be misread."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, AttributeValue] = {}

    def name(self, name: str) -> str:
        return self._names.setdefault(name, f"#{len(self._names)}")

    def path(self, path: Path) -> str:
        parts = [f"[{part}]" if isinstance(part, int) else f".{self.name(part)}" for part in path[1:]]
        return self.name(str(path[0])) + "".join(parts)

    def value(self, value: AttributeValue) -> str:
        placeholder = f":{len(self._values)}"
        self._values[placeholder] = value
        return placeholder

    def expressions(self) -> dict[str, Any]:
        names = {placeholder: name for name, placeholder in self._names.items()}
        values = {"ExpressionAttributeValues": self._values} if self._values else {}
        return {"ExpressionAttributeNames": names, **values}


def _unchanged(key: Item, seen: Sequence[Seen], placeholders: _Placeholders) -> str:
    conditions = []
    for path, value in seen:
        place = placeholders.path(path)
        if value is None:
            conditions.append(f"attribute_not_exists({place})")
        else:
            conditions.append(f"{place} = {placeholders.value(value)}")
    return " AND ".join([f"attribute_exists({placeholders.name(next(iter(key)))})", *conditions])


def _update_expression(change: Update, placeholders: _Placeholders) -> dict[str, str]:
    sets = [f"{placeholders.name(name)} = {placeholders.value(value)}" for name, value in change.set.items()]
    removes = [placeholders.name(name) for name in change.remove]
    clauses = [
        *([f"SET {', '.join(sets)}"] if sets else []),
        *([f"REMOVE {', '.join(removes)}"] if removes else []),
    ]
    return {"UpdateExpression": " ".join(clauses)} if clauses else {}
