from __future__ import annotations

from typing import NamedTuple

from sluice.aws.item import Item
from sluice.writing.conditional_write import ConditionalWrite, Failed
from sluice.writing.outcomes import Outcome


class Settled(NamedTuple):
    """The outcome of an item of a page. See shared/writing/settleItems.ts."""

    item: Item
    """The item as it was last read."""
    key: Item
    """The key attributes of the input item."""
    outcome: Outcome
    failure: Failed | None = None
    """With `failed`: the reason. No attempts: the write was never sent."""
    write: ConditionalWrite | None = None
    """With `updated`, by a conditional write: the write, which was decided on `item`."""
