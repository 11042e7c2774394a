"""The key of an item. The same as shared/writing/itemKey.ts."""

from __future__ import annotations

from collections.abc import Sequence

from sluice.aws.item import AttributeValue, Item
from sluice.errors import SluiceError


def key_of(item: Item, table: str, keys: Sequence[str]) -> dict[str, AttributeValue]:
    """The key attributes of an item. `keys`: their names. Raises SluiceError KEY_MISSING."""
    try:
        return {name: item[name] for name in keys}
    except KeyError as error:
        name = error.args[0]
        message = f"The items must have the key attribute {name} of table {table}, but one doesn't."
        raise SluiceError("KEY_MISSING", message, value=name) from None
