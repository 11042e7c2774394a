"""The item after a change. The same as shared/writing/applied.ts."""

from __future__ import annotations

from sluice.aws.item import AttributeValue, Item
from sluice.aws.item_size import attribute_bytes, item_bytes
from sluice.writing.conditional_write import Update


def applied(item: Item, change: Update) -> dict[str, AttributeValue]:
    """The item with these attributes set and removed: a new object, which shares unchanged values with the old one."""
    changed = {**item, **change.set}
    for name in change.remove:
        del changed[name]
    return changed


def applied_bytes(item: Item, change: Update) -> int:
    """Bytes of the changed item, computed without building it."""
    size = item_bytes(item) + item_bytes(change.set)
    for names in (change.set, change.remove):
        for name in names:
            if name in item:
                size -= attribute_bytes(name, item[name])
    return size
