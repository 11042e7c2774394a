"""Pauses a job once more of its items have failed than allowed: shared/worker/failureBrake.ts.

An operator should look before more items fail. The head's estimate of failures is never too low. If it exceeds the
bound, the sum over the units' records decides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from sluice.clock import Clock
from sluice.jobs.records import FailedItems, Job, JobHead
from sluice.jobs.stores import JobStore

_ROUNDING = 1e-6
"""A product of two decimal numbers may be too small by less than this."""


@dataclass(frozen=True)
class _Unchecked:
    """Failures that this worker has added and not checked yet, and the number of recounts before it added them."""

    failures: int
    recounts: int


class FailureBrake:
    """The brake of one worker, for one job."""

    def __init__(self, jobs: JobStore, clock: Clock) -> None:
        self._jobs = jobs
        self._clock = clock
        self._unchecked: _Unchecked | None = None
        self.paused = False
        """Whether the last check found the job paused, or paused it."""

    def count(self, job: Job, further: int) -> None:
        """Adds to the job's estimate. Called before the checkpoint that has these failures."""
        if job.most_failures is None:
            return
        head = self._jobs.add_failures(job.id, further)
        if head is not None:
            # A checkpoint that failed has left its failures unchecked.
            before = self._unchecked or _Unchecked(0, head.recounts)
            self._unchecked = _Unchecked(before.failures + further, before.recounts)

    def saved(self, job: Job) -> None:
        """Called after each checkpoint."""
        if self._unchecked is not None:
            self.check(job)

    def check(self, job: Job) -> None:
        """Called before the work on a unit. Pauses the job if too many items have failed."""
        if job.most_failures is None:
            return
        while True:
            head = self._head(job.id)
            judgement = "paused" if head is None or not head.is_active else self._judge(job, head)
            if judgement != "recounted meanwhile":
                break
        self._unchecked = None
        self.paused = judgement == "paused"

    def _head(self, job: str) -> JobHead | None:
        """The job's head. Its estimate includes what this worker has added."""
        head, unchecked = self._jobs.head(job), self._unchecked
        if unchecked is None or head is None or head.recounts == unchecked.recounts:
            return head
        again = self._jobs.add_failures(job, unchecked.failures)
        if again is not None:
            self._unchecked = replace(unchecked, recounts=again.recounts)
        return again

    def _judge(self, job: Job, head: JobHead) -> Literal["goes on", "paused", "recounted meanwhile"]:
        if head.most_failures is None or head.failures - head.failures_before <= head.most_failures:
            return "goes on"
        found = self._jobs.failed_items(job.id)
        most = _most_of(head.most_failures, head.most_failures_percent, found)
        failed = found.failures - head.failures_before
        if failed > most:
            self._jobs.pause(replace(job, epoch=head.epoch), _reason_of(head, failed, most), self._clock.now())
            # A recount that came just before may lack this worker's failures.
            self._head(job.id)
            return "paused"
        corrected = self._jobs.recount(head, found.failures, most)
        return "goes on" if corrected else "recounted meanwhile"


def _most_of(count: int, percent: float, found: FailedItems) -> int:
    """More items may turn up than the table was known to have at the start."""
    return max(count, math.floor(percent * found.scanned_items / 100 + _ROUNDING))


def _reason_of(head: JobHead, failed: int, most: int) -> str:
    since = "" if head.resumed_at is None else " since the job was resumed"
    items = "1 item" if failed == 1 else f"{failed} items"
    return (
        f"{items} failed{since}, more than the {most} allowed (maxFailures). Look at them with "
        f"`jobs failures {head.id}`; `jobs resume {head.id}` goes on and lets as many fail again."
    )
