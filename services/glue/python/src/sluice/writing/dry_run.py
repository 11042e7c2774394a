"""The effect that a page of writes would have, without a write. Pure. The same as shared/writing/dryRun.ts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sluice.aws.dynamo_json import to_json_value
from sluice.aws.item import Item
from sluice.aws.item_size import attribute_bytes, item_bytes
from sluice.capacity.metering import Consumption, add_consumption
from sluice.tables.schema import TableSchema
from sluice.tables.write_consumption import write_consumption
from sluice.writing.applied import applied
from sluice.writing.conditional_write import Change, Count, Decide, Delete, Failed, Failure, Put
from sluice.writing.settled import Settled
from sluice.writing.written import MOST_EXAMPLES

_MOST_EXAMPLE_BYTES = 1_024
"""An example keeps items up to this size; a job's result has 20 of them."""
_MOST_SHOWN_BYTES = 100
"""Of a larger item, it keeps values up to this size, with their names."""


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
) -> DryRun:
    """Decides on each item as it was read. Changes before the real job are not foreseen.

    `key_of` finds the key of an item as it was read. `examples`: so far; up to 20 in all.
    """
    consumed, found, settled = Consumption(), [*examples], []
    for item in items:
        verdict = decide(item)
        key = key_of(item)
        if isinstance(verdict, Count):
            settled.append(Settled(item, key, verdict.outcome))
        elif isinstance(verdict, Failure):
            settled.append(Settled(item, key, "failed", Failed(verdict.code, verdict.reason, 0)))
        else:
            before, after = _around(item, verdict.write.change)
            consumed = add_consumption(consumed, write_consumption(before, after, target))
            if len(found) < MOST_EXAMPLES:
                found.append({"before": _shown(item), **({} if after is None else {"after": _shown(after)})})
            settled.append(Settled(item, key, "updated"))
    return DryRun(settled, consumed, found)


def _around(item: Item, change: Change) -> tuple[Item | None, Item | None]:
    """The item in the table before and after a change. The item that a put replaces is not known, and counts as
    none."""
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
