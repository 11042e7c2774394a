"""Changes of single items that happen only if the item is still as it was read. See shared/writing/conditionalWrite.ts.

item ─► decide ─► count it (already, skipped, failed)
              └─► write, on condition ─► written
                                     └─► refused: the item as it is now ─► decide again
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from sluice.aws.item import AttributeValue, Item
from sluice.expressions.path import Path
from sluice.writing.outcomes import CountedOutcome


class Update(NamedTuple):
    """Sets and removes attributes of an item that must exist."""

    set: Mapping[str, AttributeValue]
    remove: Sequence[str]


class Delete(NamedTuple):
    """Deletes an item that must exist."""

    before: Item | None = None
    """The item as it was read, if it is to be kept."""


class Put(NamedTuple):
    """Puts an item whose key must not exist."""

    item: Item


Change: TypeAlias = Update | Delete | Put


class Seen(NamedTuple):
    """A value that was read from an item."""

    path: Path
    value: AttributeValue | None
    """None: there was no value."""


class ConditionalWrite(NamedTuple):
    key: Item
    """Only the key attributes."""
    change: Change
    seen: Sequence[Seen]
    """The values that must be unchanged. Empty for `Put`."""


class Done(NamedTuple):
    """The write happened."""

    deleted: Item | None = None
    """The item that it deleted, if DynamoDB returns it."""


class Refused(NamedTuple):
    """The write's condition failed."""

    item: Item | None
    """As it is now; None: there is none."""
    repeated: bool = False
    """The write was sent before, perhaps with effect."""


class Failed(NamedTuple):
    """DynamoDB rejects the write for good."""

    code: str
    """The name of DynamoDB's exception."""
    reason: str
    """A sentence."""
    attempts: int
    """How often it was sent."""


WriteAnswer: TypeAlias = Done | Refused | Failed


class ConditionalWriter(Protocol):
    def write(self, writes: Sequence[ConditionalWrite]) -> list[WriteAnswer]:
        """Sends the writes, as many at once as capacity and connections allow.

        Returns once all are settled, with the answers in the order of the writes. Transient errors and throttles are
        retried until the time for work is over. A write that is retried because its answer was lost may meet its own
        effect: an update is refused with the item as the update left it, a delete without one.

        Raises an error that isn't the fault of one write (access denied, no such table, out of time,
        paused).
        """
        ...


class Write(NamedTuple):
    """The item has to be changed."""

    write: ConditionalWrite
    met: Decide | None = None
    """Decides on the item that refused the write. None: the decider of this write. That is right if the write concerns
    the item that was decided on, and wrong if it concerns an item of another table."""


class Count(NamedTuple):
    """The item needs no write."""

    outcome: CountedOutcome


class Failure(NamedTuple):
    """The item can't be processed for good."""

    code: str
    """Stable, such as `ITEM_TOO_LARGE`."""
    reason: str
    """A sentence."""


Verdict: TypeAlias = Write | Count | Failure

Decide: TypeAlias = Callable[[Item], Verdict]
"""Pure: called again, with the item as it is now, if a write was refused."""

ALREADY = Count("already")
SKIPPED = Count("skipped")
