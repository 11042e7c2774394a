"""The list of a job's failures in S3: `failures/<unit>/<number>.jsonl.gz` below the job's prefix, one failure per line.

The same as shared/writing/failureList.ts. An object holds the failures between two checkpoints. Its number is the
number of the unit's objects before it, so a page that is repeated after a crash overwrites what its first attempt left.
Only the checkpoint decides which objects count.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from sluice.aws.dynamo_json import dynamo_json
from sluice.aws.item import Item
from sluice.results.padded import padded
from sluice.results.stored_object import ResultsStore
from sluice.writing.lines_object import put_lines

CONFLICT = "CONFLICT"
"""The code of items that others changed each time between reading and writing. They are listed, but didn't fail."""


class FailureRecord(NamedTuple):
    key: Item | None
    """None: the line of the source names no item; see `line`."""
    code: str
    """Stable, such as `ITEM_TOO_LARGE`; the name of DynamoDB's exception if DynamoDB rejected the item."""
    reason: str
    """A sentence."""
    attempts: int
    """How often its write was sent."""
    item: Item | None = None
    """The item as it was last read, if the job keeps items."""
    line: str | None = None
    """The line of the source that names no item, shortened."""


def failure_key(prefix: str, unit: int, number: int) -> str:
    """`prefix`: of the job, ending in `/`."""
    return f"{prefix}failures/{padded(unit)}/{padded(number)}.jsonl.gz"


def put_failures(store: ResultsStore, key: str, failures: Sequence[FailureRecord]) -> None:
    """Returns once the failures are durable."""
    put_lines(store, key, map(failure_line, failures))


def failure_line(failure: FailureRecord) -> str:
    """A failure as a line of JSON; key and item as DynamoDB JSON."""
    key, code, reason, attempts, item, line = failure
    parts = [
        *([] if key is None else [f'"key":{dynamo_json(key)}']),
        f'"code":{_text(code)}',
        f'"reason":{_text(reason)}',
        f'"attempts":{attempts}',
        *([] if item is None else [f'"item":{dynamo_json(item)}']),
        *([] if line is None else [f'"line":{_text(line)}']),
    ]
    return f"{{{','.join(parts)}}}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
