"""Reads one line of a list of keys. The same as shared/sources/keys/keyLine.ts.

| line                                               | is                                           |
| -------------------------------------------------- | -------------------------------------------- |
| `{"pk":"a","sk":3}`                                | plain JSON; other attributes don't matter    |
| `{"pk":{"S":"a"},"sk":{"N":"3"}}`                  | DynamoDB JSON                                |
| `{"key":{"pk":{"S":"a"},"sk":{"N":"3"}},"code":…}` | the record of a failure                      |
| `a,3`                                              | CSV, with the names in the list's first line |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sluice.aws.item import Item
from sluice.sources.keys.csv_line import csv_fields
from sluice.sources.keys.key_value import KeyAttribute, NumberText, key_value
from sluice.strict_json import strict_decoder

_JSON = strict_decoder(NumberText)
"""Numbers keep all their digits."""


def key_line(line: str, keys: Sequence[KeyAttribute], columns: Sequence[str] | None = None) -> Item | str:
    """The key, or what is wrong with the line, a sentence.

    `columns`: names of the columns of CSV. None: JSON Lines.
    """
    values = _json_values(line, keys) if columns is None else _csv_values(line, columns)
    if values is None:
        form = "a JSON object" if columns is None else "CSV whose quotes end on the line"
        return f"The line must be {form}."
    key = {}
    for place, attribute in enumerate(keys):
        name = attribute["name"]
        if name not in values:
            return f"The line must have the key attribute {name}."
        value = key_value(values[name], attribute["type"], place)
        if isinstance(value, str):
            return f"Attribute {name} {value}."
        key[name] = value
    return key


def _csv_values(line: str, columns: Sequence[str]) -> Mapping[str, Any] | None:
    fields = csv_fields(line)
    return None if fields is None else dict(zip(columns, fields, strict=False))


def _json_values(line: str, keys: Sequence[KeyAttribute]) -> Mapping[str, Any] | None:
    try:
        # Some programs put a byte order mark before the first line.
        given = _JSON.decode(line.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    values = _with_key(given, keys)
    if not isinstance(values, dict):
        return None
    has_number = any(isinstance(values.get(key["name"]), NumberText) for key in keys)
    return {name: _exact(value) for name, value in values.items()} if has_number else values


def _exact(value: Any) -> Any:
    """Numbers as DynamoDB JSON."""
    if isinstance(value, NumberText):
        return {"N": value.text}
    if isinstance(value, dict):
        return {name: _exact(each) for name, each in value.items()}
    return [_exact(each) for each in value] if isinstance(value, list) else value


def _with_key(given: Any, keys: Sequence[KeyAttribute]) -> Any:
    """The key in a failure's record. A table's own attribute may be named `key` as well."""
    key = given.get("key") if isinstance(given, dict) else None
    return key if isinstance(key, dict) and all(each["name"] in key for each in keys) else given
