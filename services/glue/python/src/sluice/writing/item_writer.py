"""Sends conditional writes with UpdateItem, DeleteItem and PutItem: for writes that no statement can express.

The same as shared/writing/itemWriter.ts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from botocore.exceptions import ClientError

from sluice.aws.client_error import code_of
from sluice.aws.item import Item
from sluice.writing.conditional_write import ConditionalWrite, Done, Refused, WriteAnswer
from sluice.writing.item_requests import request_of
from sluice.writing.lanes import in_lanes
from sluice.writing.options import WriterOptions
from sluice.writing.pace import WriteCost, requests_at_once
from sluice.writing.rejections import failed_answer, is_rejection


class ItemWriter:
    def __init__(self, table: str, options: WriterOptions) -> None:
        self._table = table
        self._options = options

    def write(self, writes: Sequence[ConditionalWrite]) -> list[WriteAnswer]:
        """See ConditionalWriter."""
        limits, units, most = self._options.limits(), self._options.units_per_write, self._options.concurrency
        ms_per_write = WriteCost(1 if units is None else units).ms(limits)
        answers: dict[int, WriteAnswer] = {}
        places = iter(range(len(writes)))

        def work(batch: Sequence[int]) -> None:
            for at in batch:
                answers[at] = self._write_one(writes[at])

        def lanes() -> int:
            return min(len(writes), requests_at_once(ms_per_write, 1, self._options.request_ms(), most))

        in_lanes(lanes, lambda: [at for at in (next(places, None),) if at is not None], work)
        return [answers[at] for at in range(len(writes))]

    def _write_one(self, write: ConditionalWrite) -> WriteAnswer:
        method, request = request_of(self._table, write)
        send = getattr(self._options.client, method)
        attempts = 0

        def attempt() -> Item | None:
            nonlocal attempts
            attempts += 1
            deleted: Item | None = send(**request).get("Attributes")
            return deleted

        try:
            return Done(self._options.retry(attempt))
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                met = cast(Mapping[str, Any], error.response).get("Item")
                return Refused(met, attempts > 1)
            if is_rejection(error):
                return failed_answer(error, attempts)
            raise
