"""The former values of a unit's writes, in S3: `before/<unit>/<number>.jsonl.gz` below the job's prefix.

The same as shared/writing/before/journal.ts; one record per line.

    decide ─► put object n ─► write ─► all done ─► … ─► checkpoint: n + 1 objects
                                  └─► some refused: put object n again without them

An object is durable before its writes are sent. So everything that a killed worker has changed is on record, and a
repeated page needs no knowledge of it. A record may therefore be about a write that never happened; its undo finds the
item as it was before. Later objects are about later writes.
"""

from __future__ import annotations

from collections.abc import Sequence

from sluice.aws.dynamo_json import dynamo_json
from sluice.results.padded import padded
from sluice.results.stored_object import ResultsStore, read_range
from sluice.writing.before.record import BeforeRecord, record_item
from sluice.writing.lines_object import put_lines


class BeforeJournal:
    """The objects of one unit, to which one worker adds."""

    def __init__(self, store: ResultsStore, prefix: str, unit: int, known: int) -> None:
        """Finds the objects of workers that put the unit down, or were killed, between two checkpoints. These objects
        stay.

        `prefix`: of the job. `known`: the number of objects according to the checkpoint.
        """
        self._store = store
        self._folder = f"{prefix}before/{padded(unit)}/"
        self.objects = known
        """Number of the objects so far."""
        while read_range(store, self._key(self.objects), 0, 1) is not None:
            self.objects += 1

    def add(self, records: Sequence[BeforeRecord]) -> int:
        """Returns the object's number once the records are durable."""
        number = self.objects
        self.put(number, records)
        self.objects = number + 1
        return number

    def put(self, number: int, records: Sequence[BeforeRecord]) -> None:
        """Puts an object again, with other records."""
        put_lines(self._store, self._key(number), (dynamo_json(record_item(record)) for record in records))

    def _key(self, number: int) -> str:
        return f"{self._folder}{padded(number)}.jsonl.gz"
