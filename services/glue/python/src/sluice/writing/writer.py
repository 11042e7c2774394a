"""The writer of conditional writes: 25 in a request if statements can express them, else one by one.

The same as shared/writing/writerOf.ts.
"""

from __future__ import annotations

from collections.abc import Sequence

from sluice.writing.conditional_write import ConditionalWrite, WriteAnswer
from sluice.writing.item_writer import ItemWriter
from sluice.writing.options import WriterOptions
from sluice.writing.statement_sender import StatementSender


class Writer:
    def __init__(self, table: str, options: WriterOptions) -> None:
        """`table`: the name of the table that is written."""
        self._sender = StatementSender(table, options)
        self._items = ItemWriter(table, options)

    def write(self, writes: Sequence[ConditionalWrite]) -> list[WriteAnswer]:
        """See ConditionalWriter."""
        answers = self._sender.send(writes)
        others = [write for write, answer in zip(writes, answers, strict=True) if answer is None]
        rest = iter(self._items.write(others))
        return [next(rest) if answer is None else answer for answer in answers]
