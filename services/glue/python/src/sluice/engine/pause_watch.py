"""Notices a pause while the work consumes no capacity, from the beginning or since some time.

Later pages may need no write. While a worker consumes capacity, it learns of a pause from the ledgers, which it visits
anyway. The same as shared/engine/pauseWatch.ts.
"""

from __future__ import annotations

from collections.abc import Callable

from sluice.clock import Clock
from sluice.jobs.stores import JobStore

_LOOK_MS = 2_000
"""How often it looks."""


class PauseWatch:
    def __init__(self, jobs: JobStore, clock: Clock, spent_ms: Callable[[], float]) -> None:
        """`spent_ms`: account time that the worker has spent so far."""
        self._jobs = jobs
        self._clock = clock
        self._spent_ms = spent_ms
        self._spent_before = spent_ms()
        self._looked_at = clock.now()

    def is_paused(self, job: str) -> bool:
        """Called between two pages.

        Whether the job is paused, stopped or cancelled; reads its head if the worker has spent nothing for two
        seconds, and every two seconds after.
        """
        now = self._clock.now()
        spent = self._spent_ms()
        if spent != self._spent_before:
            self._spent_before = spent
            self._looked_at = now
            return False
        if now - self._looked_at < _LOOK_MS:
            return False
        self._looked_at = now
        head = self._jobs.head(job)
        return head is None or not head.is_active
