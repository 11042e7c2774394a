"""The record of one write, for its undo: the values that it leaves in the item, and the former ones.

The same as shared/writing/before/beforeRecord.ts, which reads the records to undo a job. A record is a line of DynamoDB
JSON, in the form of an item:
`{"change":{"S":"update"},"key":{"M":…},"set":{"M":…},"remove":{"L":[{"S":"Old"}]},"before":{"M":…}}`.
"""

from __future__ import annotations

from typing import NamedTuple

from sluice.aws.item import AttributeValue, Item
from sluice.errors import SluiceError
from sluice.expressions.same_value import same_item, same_value
from sluice.writing.conditional_write import Change, ConditionalWrite, Delete, Put, Update


class BeforeRecord(NamedTuple):
    key: Item
    change: Change
    before: Item
    """For an update, the former values of the attributes that are set and removed; an attribute that it lacks did not
    exist. For a delete, the whole item. For a put, nothing."""


def record_of(write: ConditionalWrite) -> BeforeRecord:
    """Raises SluiceError FORMER_VALUE_UNKNOWN: the write changes attributes that the decision did not read."""
    key, change, seen = write
    if isinstance(change, Put):
        return BeforeRecord(key, change, {})
    if isinstance(change, Delete):
        if change.before is None:
            raise _unknown(key, "the item")
        return BeforeRecord(key, change, change.before)
    values = {path[0]: value for path, value in seen if len(path) == 1}
    before: dict[str, AttributeValue] = {}
    for name in (*change.set, *change.remove):
        if name not in values:
            raise _unknown(key, name)
        value = values[name]
        if value is not None:
            before[name] = value
    return BeforeRecord(key, change, before)


def _unknown(key: Item, what: str) -> SluiceError:
    """A write's conditions contain the former values."""
    message = f"A write must be conditional on all that it changes if former values are kept, but {what} is not."
    return SluiceError("FORMER_VALUE_UNKNOWN", message, value=key)


def is_as_left(record: BeforeRecord, there: Item | None) -> bool:
    """Whether an item is as the write leaves it. None: there is no item."""
    change = record.change
    if isinstance(change, Delete):
        return there is None
    if there is None:
        return False
    if isinstance(change, Put):
        return same_item(there, change.item)
    return all(name not in there for name in change.remove) and all(
        same_value(there.get(name), value) for name, value in change.set.items()
    )


def record_item(record: BeforeRecord) -> Item:
    """The record in the form of an item."""
    key, change, before = record
    if isinstance(change, Put):
        return {"change": {"S": "put"}, "key": {"M": key}, "item": {"M": change.item}}
    if isinstance(change, Delete):
        return {"change": {"S": "delete"}, "key": {"M": key}, "before": {"M": before}}
    return _update_item(key, change, before)


def _update_item(key: Item, change: Update, before: Item) -> Item:
    remove = {"L": [{"S": name} for name in change.remove]}
    return {
        "change": {"S": "update"},
        "key": {"M": key},
        "set": {"M": change.set},
        "remove": remove,
        "before": {"M": before},
    }
