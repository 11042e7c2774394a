"""The consumption of one write, on a table and on each of its indexes. The same as shared/tables/writeConsumption.ts.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ThroughputConsiderations.Writes
"""

from __future__ import annotations

from collections.abc import Iterable

from sluice.aws.item import Item
from sluice.aws.item_size import item_bytes
from sluice.capacity.metering import Consumption, write_capacity_units
from sluice.expressions.same_value import same_item
from sluice.tables.schema import IndexSchema, TableSchema

_LOCAL_ENTRY_BYTES = 100
"""Overhead of each entry of a local secondary index, bytes; writeConsumption.ts has the source."""


def write_consumption(before: Item | None, after: Item | None, schema: TableSchema) -> Consumption:
    """Write units of a write that succeeded, from the item before and after it; None: no item. Pure.

    Local secondary indexes consume the table's capacity, so they are part of `table` and stand among the indexes again.
    An index that the write leaves alone is not among them.
    """
    table = write_capacity_units(max(item_bytes(before or {}), item_bytes(after or {})))
    indexes: dict[str, float] = {}
    for index in schema.indexes:
        units = _index_units(_entry_of(before, index, schema), _entry_of(after, index, schema), index)
        if units == 0:
            continue
        indexes[index.name] = units
        if index.kind == "local":
            table += units
    return Consumption(table, indexes)


def _index_units(before: Item | None, after: Item | None, index: IndexSchema) -> float:
    """An entry is put, deleted, or changed in place; if a key of the index changes, one is deleted and one put.

    "Only the size of projected attributes" counts, the keys of table and index included.
    """
    sizes = [_entry_units(entry, index) for entry in (before, after)]
    if before is None or after is None:
        return sum(sizes)
    if same_item(before, after):
        return 0
    return max(sizes) if same_item(_only(before, index.keys), _only(after, index.keys)) else sum(sizes)


def _entry_units(entry: Item | None, index: IndexSchema) -> float:
    if entry is None:
        return 0
    return write_capacity_units(item_bytes(entry) + (_LOCAL_ENTRY_BYTES if index.kind == "local" else 0))


def _entry_of(item: Item | None, index: IndexSchema, schema: TableSchema) -> Item | None:
    """An item's entry in an index; None unless the item has all of the index's keys, of the right types."""
    if item is None or not all(schema.key_types.get(key) in item.get(key, ()) for key in index.keys):
        return None
    return item if index.projection == "ALL" else _only(item, {*schema.keys, *index.keys, *index.projection})


def _only(item: Item, names: Iterable[str]) -> Item:
    return {name: item[name] for name in names if name in item}
