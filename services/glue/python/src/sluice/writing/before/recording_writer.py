"""Conditional writes that are on record before they are sent. The same as shared/writing/before/recordingWriter.ts."""

from __future__ import annotations

from collections.abc import Sequence

from sluice.expressions.same_value import same_item
from sluice.writing.before.journal import BeforeJournal
from sluice.writing.before.record import BeforeRecord, is_as_left, record_of
from sluice.writing.conditional_write import (
    ConditionalWrite,
    ConditionalWriter,
    Delete,
    Failed,
    Refused,
    WriteAnswer,
)


class RecordingWriter:
    def __init__(self, writer: ConditionalWriter, journal: BeforeJournal) -> None:
        self._writer = writer
        self._journal = journal

    def write(self, writes: Sequence[ConditionalWrite]) -> list[WriteAnswer]:
        """See ConditionalWriter."""
        records = [record_of(write) for write in writes]
        number = self._journal.add(records)
        answers = self._writer.write(writes)
        left = [_after_answer(record, answer) for record, answer in zip(records, answers, strict=True)]
        if any(after is not before for after, before in zip(left, records, strict=True)):
            self._journal.put(number, [record for record in left if record is not None])
        return answers


def _after_answer(record: BeforeRecord, answer: WriteAnswer) -> BeforeRecord | None:
    """The record to keep; None: its write did not happen.

    If a write was sent more than once because the first answer was lost, its own effect may make it fail its condition.
    """
    if isinstance(answer, Failed):
        return record if answer.attempts > 1 else None
    if isinstance(answer, Refused):
        return record if answer.repeated and is_as_left(record, answer.item) else None
    deleted = answer.deleted
    if not isinstance(record.change, Delete) or deleted is None or same_item(deleted, record.before):
        return record
    # Attributes that others added since the item was read.
    return record._replace(before=deleted)
