"""Puts items without a condition, 25 in a request, for copies. The same as shared/writing/batchPut.ts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from botocore.exceptions import ClientError

from sluice.aws.item import Item
from sluice.aws.item_size import item_bytes
from sluice.aws.unprocessed import unprocessed
from sluice.capacity.metering import write_capacity_units
from sluice.writing.conditional_write import Done, Failed
from sluice.writing.key_text import key_text
from sluice.writing.lanes import BatchQueue, in_lanes
from sluice.writing.options import WriterOptions
from sluice.writing.pace import WriteCost, batch_size, batches_at_once
from sluice.writing.rejections import failed_answer, halving_rejected

PutAnswer: TypeAlias = Done | Failed

_MOST_BYTES = 4 * 1024 * 1024
"""Item bytes in a request; batchPut.ts has the reason."""


class _Pending:
    """An item without an answer. One thread at a time has it."""

    __slots__ = ("answer", "attempts", "bytes", "id", "item")

    def __init__(self, item: Item, id: str) -> None:
        self.id = id
        self.bytes = item_bytes(item)
        self.item = item
        self.attempts = 0
        self.answer: PutAnswer | None = None


class BatchPutter:
    """Remembers the cost of puts from one call to the next."""

    def __init__(self, table: str, keys: Sequence[str], options: WriterOptions) -> None:
        """`table`: the one that is written. `keys`: names of its key attributes."""
        self._table = table
        self._keys = keys
        self._options = options
        self._cost: WriteCost | None = None

    def put(self, items: Sequence[Item]) -> list[PutAnswer]:
        """Puts the items, several batches at a time, and repeats those that DynamoDB leaves unprocessed.

        Returns once all are settled, with the answers in the order of the items. If several items have the same key,
        any of them may be the last. Raises the error of a request that isn't the fault of one item.
        """
        pending = [_Pending(item, self._id_of(item)) for item in items]
        queue = BatchQueue(pending, _MOST_BYTES)
        options = self._options
        if self._cost is None:
            guess = options.units_per_write
            self._cost = WriteCost(_average_units(pending) if guess is None else guess)
        cost = self._cost

        def ms() -> float | None:
            return cost.ms(options.limits())

        def work(batch: Sequence[_Pending]) -> None:
            halving_rejected(batch, lambda part: self._until_settled(part, cost), _unsettled, _reject)

        def lanes() -> int:
            return batches_at_once(len(pending), ms(), options.request_ms(), options.concurrency)

        in_lanes(lanes, lambda: queue.take(batch_size(ms())), work)
        return [each.answer for each in pending if each.answer is not None]

    def _id_of(self, item: Item) -> str:
        return key_text({name: item.get(name, {}) for name in self._keys})

    def _until_settled(self, batch: Sequence[_Pending], cost: WriteCost) -> None:
        left = batch

        def attempt() -> None:
            nonlocal left
            self._send_once(left, cost)
            left = _unsettled(left)
            if left:
                raise unprocessed("BatchWriteItem", len(left), "items")

        self._options.retry(attempt)

    def _send_once(self, batch: Sequence[_Pending], cost: WriteCost) -> None:
        for each in batch:
            each.attempts += 1
        requests = [{"PutRequest": {"Item": each.item}} for each in batch]
        output: Mapping[str, Any] = self._options.client.batch_write_item(
            RequestItems={self._table: requests}, ReturnConsumedCapacity="INDEXES"
        )
        left = [each for requests in output.get("UnprocessedItems", {}).values() for each in requests]
        undone = {self._id_of(each["PutRequest"]["Item"]) for each in left}
        done = [each for each in batch if each.id not in undone]
        # If an unprocessed item were not in the batch, another item would wrongly count as written.
        if len(done) + len(undone) != len(batch):
            raise RuntimeError("DynamoDB left items unprocessed that it was not sent.")
        for each in done:
            each.answer = Done()
        cost.learn(output.get("ConsumedCapacity"), len(done))


def _unsettled(batch: Sequence[_Pending]) -> list[_Pending]:
    return [each for each in batch if each.answer is None]


def _reject(one: _Pending, error: ClientError) -> None:
    one.answer = failed_answer(error, one.attempts)


def _average_units(pending: Sequence[_Pending]) -> float:
    if not pending:
        return 1
    return sum(write_capacity_units(each.bytes) for each in pending) / len(pending)
