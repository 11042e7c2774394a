"""Copies items into another table, or the items of an export into a table.

Without a condition a copy overwrites existing items; with `ifAbsent` it leaves them as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from sluice.aws.item import Item
from sluice.operations.change_items import ChangeItems, Ground, Settle, writer_options
from sluice.operations.changes import compile_conditional_copy, compile_copy
from sluice.operations.operation import Tools
from sluice.writing.batch_put import BatchPutter, PutAnswer
from sluice.writing.conditional_write import Count, Decide, Failed, Failure
from sluice.writing.settled import Settled


class Copy(ChangeItems):
    def decider(self, ground: Ground) -> Decide:
        return compile_conditional_copy(ground.params, ground.target, ground.job)

    def settler(self, ground: Ground, tools: Tools) -> Settle | None:
        return None if ground.params.get("ifAbsent") is True else _puts(ground, tools)


def _puts(ground: Ground, tools: Tools) -> Settle:
    """Puts without a condition, 25 to a request."""
    putter = BatchPutter(ground.target.name, ground.target.keys, writer_options(tools))
    copied = compile_copy(ground.params, ground.target, ground.job)

    def settle(items: Sequence[Item]) -> list[Settled]:
        made = [copied(item) for item in items]
        answers = iter(putter.put([each for each in made if not isinstance(each, Count | Failure)]))
        return [
            _settled(item, ground.key_of(item), each if isinstance(each, Count | Failure) else next(answers))
            for item, each in zip(items, made, strict=True)
        ]

    return settle


def _settled(item: Item, key: Item, end: Count | Failure | PutAnswer) -> Settled:
    if isinstance(end, Count):
        return Settled(item, key, end.outcome)
    if isinstance(end, Failure):
        return Settled(item, key, "failed", Failed(end.code, end.reason, 0))
    return Settled(item, key, "failed", end) if isinstance(end, Failed) else Settled(item, key, "updated")
