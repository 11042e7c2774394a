"""The effect that a page of writes would have, without a write. The same as shared/writing/dryRun.ts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from sluice.aws.dynamo_json import to_json_value
from sluice.aws.item import Item
from sluice.aws.item_size import attribute_bytes, item_bytes
from sluice.capacity.metering import Consumption, add_consumption, failed_write_capacity_units
from sluice.tables.schema import TableSchema
from sluice.tables.write_consumption import write_consumption
from sluice.writing.applied import applied
from sluice.writing.conditional_write import Change, ConditionalWrite, Decide, Delete, Done, Put, Refused, WriteAnswer
from sluice.writing.key_text import key_text
from sluice.writing.settle_items import settle_items
from sluice.writing.settled import Settled
from sluice.writing.written import MOST_EXAMPLES

_MOST_EXAMPLE_BYTES = 1_024
"""An example keeps items up to this size; a job's result has 20 of them."""
_MOST_SHOWN_BYTES = 100
"""Of a larger item, it keeps values up to this size, with their names."""


LookUp: TypeAlias = Callable[[Sequence[Item]], Mapping[str, Item]]
"""Reads items of the target by their keys. The items that exist, by `key_text`."""


class DryRun(NamedTuple):
    settled: list[Settled]
    consumed: Consumption
    """The consumption that the writes would have on table and indexes."""
    examples: list[Mapping[str, Any]]
    """`before` and `after` of some items, as DynamoDB JSON; without `after` the item would be deleted."""


def dry_run(
    items: Sequence[Item],
    decide: Decide,
    key_of: Callable[[Item], Item],
    target: TableSchema,
    examples: Sequence[Mapping[str, Any]] = (),
    look_up: LookUp | None = None,
) -> DryRun:
    """Decides on each item as it was read, and on those that `look_up` finds.

    Changes before the real job are not foreseen. `key_of` finds the key of an item as it was read. `examples`: so far;
    up to 20 in all. `look_up` reads the items that puts would meet; None: nobody looks, and each put counts as that of
    a new item.
    """
    writer = _DryWriter(look_up)
    settled = settle_items(items, decide, key_of, writer)
    consumed, found = writer.refused, [*examples]
    for each in settled:
        if each.write is None:
            continue
        before, after = _around(each.item, each.write.change)
        consumed = add_consumption(consumed, write_consumption(before, after, target))
        if len(found) < MOST_EXAMPLES:
            found.append({"before": _shown(each.item), **({} if after is None else {"after": _shown(after)})})
    return DryRun(settled, consumed, found)


class _DryWriter:
    """Writes nothing. Its puts meet the items that are there, and those that earlier puts of the page would have
    made."""

    def __init__(self, look_up: LookUp | None) -> None:
        self.refused = Consumption()
        """The consumption of the puts that would be refused."""
        self._look_up = look_up
        self._there: dict[str, Item] = {}

    def write(self, writes: Sequence[ConditionalWrite]) -> list[WriteAnswer]:
        """See ConditionalWriter."""
        if self._look_up is not None:
            keys = [each.key for each in writes if isinstance(each.change, Put)]
            unknown = [key for key in keys if key_text(key) not in self._there]
            if unknown:
                self._there.update(self._look_up(unknown))
        return [self._answer(each) for each in writes]

    def _answer(self, write: ConditionalWrite) -> WriteAnswer:
        if self._look_up is None or not isinstance(write.change, Put):
            return Done()
        id = key_text(write.key)
        item = self._there.get(id)
        if item is None:
            self._there[id] = write.change.item
            return Done()
        units = failed_write_capacity_units(item_bytes(item), item_bytes(write.change.item))
        self.refused = add_consumption(self.refused, Consumption(units))
        return Refused(item)


def _around(item: Item, change: Change) -> tuple[Item | None, Item | None]:
    """The item in the table before and after a change. A put replaces none, as far as anybody knows."""
    if isinstance(change, Delete):
        return item, None
    if isinstance(change, Put):
        return None, change.item
    return item, applied(item, change)


def _shown(item: Item) -> dict[str, Any]:
    """The item as DynamoDB JSON; for a large item, only its names and sizes."""
    if item_bytes(item) <= _MOST_EXAMPLE_BYTES:
        return {name: to_json_value(value) for name, value in item.items()}
    sizes = {name: attribute_bytes(name, value) for name, value in item.items()}
    return {
        name: to_json_value(value) if sizes[name] <= _MOST_SHOWN_BYTES else f"{sizes[name]} bytes"
        for name, value in item.items()
    }
