"""Sends conditional writes as PartiQL statements, 25 to a request. The same as shared/writing/statementSender.ts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from sluice.writing.conditional_write import ConditionalWrite, Done, Refused, WriteAnswer
from sluice.writing.key_text import key_text
from sluice.writing.lanes import BatchQueue, in_lanes
from sluice.writing.options import WriterOptions
from sluice.writing.pace import WriteCost, batch_size, batches_at_once
from sluice.writing.rejections import failed_answer, halving_rejected
from sluice.writing.statement_errors import exception_of, meaning_of
from sluice.writing.statements import WriteStatement, statement_of


class _Pending:
    """A write without an answer. One thread at a time has it."""

    __slots__ = ("answer", "attempts", "bytes", "id", "statement", "write")

    def __init__(self, write: ConditionalWrite) -> None:
        self.write = write
        self.id = key_text(write.key)
        self.bytes = 0
        self.attempts = 0
        self.answer: WriteAnswer | None = None
        self.statement: WriteStatement | None = None
        """Only while it is under way."""

    def state(self, table: str) -> bool:
        """Makes the statement. Returns whether the write has one."""
        self.statement = statement_of(table, self.write)
        return self.statement is not None

    def request(self) -> dict[str, Any]:
        assert self.statement is not None
        return {
            "Statement": self.statement.text,
            "Parameters": self.statement.parameters,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def take(self, response: Mapping[str, Any]) -> ClientError | None:
        """Takes DynamoDB's answer. Returns a transient error; raises one that concerns every statement."""
        error = response.get("Error")
        if error is None:
            self._succeeded(response.get("Item"))
            return None
        code = error.get("Code")
        meaning = meaning_of(code)
        if meaning == "refused":
            self.settle(Refused(error.get("Item"), self.attempts > 1))
            return None
        exception = exception_of(code, error.get("Message"))
        if meaning == "all":
            raise exception
        if meaning == "passing":
            return exception
        self.settle(failed_answer(exception, self.attempts))
        return None

    def _succeeded(self, item: Mapping[str, Any] | None) -> None:
        assert self.statement is not None
        if not self.statement.deletes:
            self.settle(Done())
        elif item is None:
            self.settle(Refused(None, self.attempts > 1))
        else:
            self.settle(Done(item))

    def settle(self, answer: WriteAnswer) -> None:
        self.answer = answer
        self.statement = None


class StatementSender:
    """Remembers the cost of writes from one call to the next."""

    def __init__(self, table: str, options: WriterOptions) -> None:
        self._table = table
        self._options = options
        self._cost = WriteCost(1 if options.units_per_write is None else options.units_per_write)

    def send(self, writes: Sequence[ConditionalWrite]) -> list[WriteAnswer | None]:
        """Sends the writes as statements, several batches at a time.

        Statements that fail for a transient reason are sent again, the others of their batch are not. Returns once all
        are settled, with the answers in the order of the writes; None: no statement can express the write, so it was
        not sent.
        """
        pending = [_Pending(write) for write in writes]
        queue = BatchQueue(pending)
        options = self._options

        def ms() -> float | None:
            return self._cost.ms(options.limits())

        def lanes() -> int:
            return batches_at_once(len(pending), ms(), options.request_ms(), options.concurrency)

        in_lanes(lanes, lambda: queue.take(batch_size(ms())), self._send_batch)
        return [each.answer for each in pending]

    def _send_batch(self, taken: Sequence[_Pending]) -> None:
        batch = [each for each in taken if each.state(self._table)]
        if batch:
            halving_rejected(batch, self._until_settled, _unsettled, _reject)

    def _until_settled(self, batch: Sequence[_Pending]) -> None:
        left = batch

        def attempt() -> None:
            nonlocal left
            passing = self._send_once(left)
            left = _unsettled(left)
            if passing is not None:
                raise passing

        self._options.retry(attempt)

    def _send_once(self, batch: Sequence[_Pending]) -> ClientError | None:
        """Returns an error of a statement that has to be sent again."""
        for each in batch:
            each.attempts += 1
        output = self._options.client.batch_execute_statement(
            Statements=[each.request() for each in batch], ReturnConsumedCapacity="INDEXES"
        )
        responses = output.get("Responses", [])
        if len(responses) != len(batch):
            raise RuntimeError(
                f"DynamoDB must answer each of {len(batch)} statements of a batch, but answered {len(responses)}."
            )
        self._cost.learn(output.get("ConsumedCapacity"), sum("Error" not in each for each in responses))
        passing: ClientError | None = None
        for each, response in zip(batch, responses, strict=True):
            passing = each.take(response) or passing
        return passing


def _unsettled(batch: Sequence[_Pending]) -> list[_Pending]:
    return [each for each in batch if each.answer is None]


def _reject(one: _Pending, error: ClientError) -> None:
    one.settle(failed_answer(error, one.attempts))
