"""Records as attributes and back, like shared/jobs/storage/jobsTable.ts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sluice.aws.item import Item, Json
from sluice.aws.marshall import attribute_of

_JSON_ATTRIBUTES = ("result", "cursor")
"""Attributes that hold JSON text: DynamoDB's own maps don't accept empty names or every JSON value."""
_LARGEST_WHOLE = 1e21
"""From this on JavaScript writes whole numbers with an exponent."""
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def to_attributes(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as attributes; fields that are None are left out."""
    return {name: attribute_of(value) for name, value in record.items() if value is not None}


def plain_record(item: Item) -> dict[str, Any]:
    """An item as a record, without the keys."""
    record = {name: _plain(value) for name, value in item.items() if name not in ("pk", "sk")}
    for name in _JSON_ATTRIBUTES:
        if isinstance(record.get(name), str):
            record[name] = json.loads(record[name])
    return record


def json_attribute(value: Json) -> str | None:
    """A result or a cursor in its stored form: JSON text as JavaScript writes it, without spaces and not in ASCII.

    Only very small and very large fractions are spelled differently, but parse as the same number.
    """
    if value is None:
        return None
    text = json.dumps(_whole(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):x}", text)


def _whole(value: Json) -> Json:
    """The same value with whole numbers as such: 1 for 1.0."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _LARGEST_WHOLE else value
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value


def _plain(value: Mapping[str, Any]) -> Any:
    """A number without a fraction becomes an int."""
    ((kind, inner),) = value.items()
    if kind == "N":
        return int(inner) if re.fullmatch(r"-?\d+", inner) else float(inner)
    if kind == "M":
        return {name: _plain(each) for name, each in inner.items()}
    if kind == "L":
        return [_plain(each) for each in inner]
    if kind == "NULL":
        return None
    return set(inner) if kind in ("SS", "BS") else inner
