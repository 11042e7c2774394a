"""Finds, before an item is sent, what DynamoDB would refuse. The same as shared/writing/update/bounds.ts.

DynamoDB refuses an item that is too large, and a value that an index key can't have.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sluice.aws.item import AttributeValue, Item
from sluice.aws.item_size import value_bytes
from sluice.tables.schema import TableSchema
from sluice.writing.applied import applied_bytes
from sluice.writing.conditional_write import Failure, Update

MOST_ITEM_BYTES = 409_600
"""400 KB, names and values together."""
_MOST_PARTITION_KEY_BYTES = 2_048
_MOST_SORT_KEY_BYTES = 1_024


@dataclass(frozen=True)
class KeyRule:
    """The rule for values of a key attribute."""

    type: str
    most_bytes: int
    of: str
    """Whose key it is: `table orders` or `index "by-day"`."""


KeyRules: TypeAlias = Mapping[str, KeyRule]


def key_rules(schema: TableSchema) -> KeyRules:
    """The rules for a change of an item: without the keys of the table, which don't change."""
    return {name: rule for name, rule in put_rules(schema).items() if name not in schema.keys}


def put_rules(schema: TableSchema) -> KeyRules:
    """The rules for a new item, by attribute: the table's keys, then those of indexes.

    If the table and indexes have an attribute as a key, the strictest one.
    """
    rules: dict[str, KeyRule] = {}
    holders = [
        (f"table {schema.name}", schema.keys),
        *((f'index "{index.name}"', index.keys) for index in schema.indexes),
    ]
    for of, attributes in holders:
        for place, attribute in enumerate(attributes):
            most_bytes = _MOST_PARTITION_KEY_BYTES if place == 0 else _MOST_SORT_KEY_BYTES
            known = rules.get(attribute)
            if known is None or most_bytes < known.most_bytes:
                rules[attribute] = KeyRule(schema.key_types.get(attribute, "S"), most_bytes, of)
    return rules


def out_of_bounds(item: Item, change: Update, rules: KeyRules) -> Failure | None:
    """Why DynamoDB would refuse the changed item; None: it wouldn't."""
    for attribute, rule in rules.items():
        problem = key_problem(change.set[attribute], rule) if attribute in change.set else None
        if problem is not None:
            return Failure("INDEX_KEY_INVALID", f"{attribute} {problem}.")
    return too_large(applied_bytes(item, change))


def too_large(size: int) -> Failure | None:
    """Why an item of this size, in bytes, can't be written; None: it can."""
    if size <= MOST_ITEM_BYTES:
        return None
    return Failure("ITEM_TOO_LARGE", f"The item would have {size} bytes; DynamoDB allows at most {MOST_ITEM_BYTES}.")


def key_problem(value: AttributeValue, rule: KeyRule) -> str | None:
    """A text that follows the attribute's name."""
    key = f"because it is a key of {rule.of}"
    if rule.type not in value:
        return f"must be of type {rule.type}, {key}"
    if rule.type == "N":
        return None
    size = value_bytes(value)
    if size == 0:
        return f"must not be empty, {key}"
    return (
        f"must have at most {rule.most_bytes} bytes, {key}, but would have {size}" if size > rule.most_bytes else None
    )
