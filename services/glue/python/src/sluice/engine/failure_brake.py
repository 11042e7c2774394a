"""Pauses a job whose items fail too often.

The same as shared/worker/failureBrake.ts. An operator should look before more of them do.
"""

from __future__ import annotations

from sluice.clock import Clock
from sluice.jobs.records import Job, JobHead
from sluice.jobs.stores import JobStore


class FailureBrake:
    def __init__(self, jobs: JobStore, clock: Clock) -> None:
        self._jobs = jobs
        self._clock = clock

    def add(self, job: Job, further: int) -> None:
        """Counts further items that failed for good, and pauses the job if they are too many."""
        head = self._jobs.add_failures(job.id, further)
        if head is not None and head.most_failures is not None and head.failures > head.most_failures:
            self._jobs.pause(job, _reason_of(head), self._clock.now())


def _reason_of(head: JobHead) -> str:
    return (
        f"{head.failures} items failed, more than the {head.most_failures} that may (maxFailures). Look at them with "
        f"`jobs failures {head.id}`; `jobs resume {head.id}` goes on and lets as many fail again."
    )
