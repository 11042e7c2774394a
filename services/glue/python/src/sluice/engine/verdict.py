"""Distinguishes an error that hits every unit of a job from one that another unit may not meet.

The same as shared/worker/verdict.ts.
"""

from __future__ import annotations

from sluice.aws.client_error import code_of, message_of
from sluice.engine.tables_check import target_verdict
from sluice.errors import SluiceError
from sluice.jobs.records import Job
from sluice.sources.source import SourceReader

_RESULTS_GONE = {
    "NoSuchBucket": "The bucket for results no longer exists",
    "AccessDenied": "The bucket for results may not be used",
}
"""Errors of the services that keep results: with a built-in operation, no unit can get past these."""

_FOR_GOOD = frozenset(
    {"NO_SUCH_OPERATION", "NO_SUCH_SOURCE", "UPDATE_NOT_IDEMPOTENT", "UPDATE_READS_UNDECLARED", "KEY_MISSING"}
)
"""Errors that every unit would meet: this worker lacks the operation or the source, or an update is wrong."""


def verdict_of(error: BaseException, job: Job, from_source: bool, reader: SourceReader, is_own: bool) -> str | None:
    """Why the job as a whole cannot go on; None if it may.

    `from_source`: the error comes from reading or describing the job's source. `is_own`: the operation is Sluice's own;
    a user's operation may call any bucket.
    """
    if isinstance(error, SluiceError) and error.code in _FOR_GOOD:
        return error.message
    if from_source:
        return reader.verdict(error, job.source)
    # An operation that changes a table calls no other table.
    target_gone = None if job.target is None else target_verdict(error, job.target)
    if target_gone is not None:
        return target_gone
    code = code_of(error)
    return f"{_RESULTS_GONE[code]}: {message_of(error)}" if is_own and code in _RESULTS_GONE else None
