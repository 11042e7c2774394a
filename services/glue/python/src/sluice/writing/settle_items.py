"""Brings each item of a page to its outcome. The same as shared/writing/settleItems.ts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sluice.aws.item import Item
from sluice.writing.conditional_write import ConditionalWriter, Decide, Done, Failed, Failure, Write, WriteAnswer
from sluice.writing.key_text import key_text
from sluice.writing.settled import Settled

_MOST_EVALUATIONS = 4
"""How often an item is decided on before it counts as a conflict."""


class _Open:
    """An item without an outcome."""

    __slots__ = ("at", "decide", "evaluations", "id", "item", "key")

    def __init__(self, at: int, item: Item, key: Item, decide: Decide) -> None:
        self.at = at
        """Position among the items."""
        self.key = key
        self.id = key_text(key)
        self.item = item
        """The item as it was last read."""
        self.decide = decide
        self.evaluations = 0
        """How often a write was decided on."""


def settle_items(
    items: Sequence[Item], decide: Decide, keys_of: Callable[[Item], Item], writer: ConditionalWriter
) -> list[Settled]:
    """Decides on each item, writes, and decides again on those whose write was refused, with the item as it is now.

    The result has the order of the items. Items of the same key are written one after the other. Raises the writer's
    errors, once nothing is under way.
    """
    settled: dict[int, Settled] = {}
    unsettled = [_Open(at, item, keys_of(item), decide) for at, item in enumerate(items)]
    while unsettled:
        first, again = _first_of_each_key(unsettled)
        writing = _decide_on(first, settled)
        answers = writer.write([verdict.write for _, verdict in writing]) if writing else []
        refused = []
        for (each, verdict), answer in zip(writing, answers, strict=True):
            outcome = _after_write(each, verdict, answer)
            if outcome is None:
                refused.append(each)
            else:
                settled[each.at] = outcome
        unsettled = [*refused, *again]
    return [settled[at] for at in range(len(items))]


def _decide_on(unsettled: Sequence[_Open], settled: dict[int, Settled]) -> list[tuple[_Open, Write]]:
    """Settles the items that need no write, and those that others have changed too often.

    Returns the others, each with its write.
    """
    writing = []
    for each in unsettled:
        verdict = each.decide(each.item)
        if not isinstance(verdict, Write):
            if isinstance(verdict, Failure):
                failed = Failed(verdict.code, verdict.reason, each.evaluations)
                settled[each.at] = Settled(each.item, each.key, "failed", failed)
            else:
                settled[each.at] = Settled(each.item, each.key, verdict.outcome)
        elif each.evaluations >= _MOST_EVALUATIONS:
            settled[each.at] = Settled(each.item, each.key, "conflict")
        else:
            each.evaluations += 1
            writing.append((each, verdict))
    return writing


def _first_of_each_key(unsettled: Sequence[_Open]) -> tuple[list[_Open], list[_Open]]:
    """Separates the items whose key occurs for the first time from those that have to wait for them."""
    seen: set[str] = set()
    first: list[_Open] = []
    again: list[_Open] = []
    for each in unsettled:
        (again if each.id in seen else first).append(each)
        seen.add(each.id)
    return first, again


def _after_write(each: _Open, verdict: Write, answer: WriteAnswer) -> Settled | None:
    """The outcome; None: the item has to be decided on again."""
    if isinstance(answer, Done):
        return Settled(each.item, each.key, "updated", write=verdict.write)
    if isinstance(answer, Failed):
        return Settled(each.item, each.key, "failed", answer)
    if answer.item is None:
        return Settled(each.item, each.key, "gone")
    each.item = answer.item
    each.decide = each.decide if verdict.met is None else verdict.met
    return None
