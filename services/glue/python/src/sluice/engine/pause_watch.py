"""Notices a pause while the work consumes no capacity: shared/engine/pauseWatch.ts.

Workers that consume capacity learn of a pause from the ledgers, which they visit anyway.
"""

from __future__ import annotations

from collections.abc import Callable

from sluice.clock import Clock
from sluice.jobs.stores import JobStore

_LOOK_MS = 2_000
"""How often it looks."""


class PauseWatch:
    def __init__(self, jobs: JobStore, clock: Clock, visits_ledgers: Callable[[], bool]) -> None:
        """`visits_ledgers`: whether the ledgers show pauses."""
        self._jobs = jobs
        self._clock = clock
        self._visits_ledgers = visits_ledgers
        self._looked_at = clock.now()

    def is_paused(self, job: str) -> bool:
        """Called between two pages.

        Whether the job is paused, stopped or cancelled; reads its head every two seconds.
        """
        now = self._clock.now()
        if self._visits_ledgers() or now - self._looked_at < _LOOK_MS:
            return False
        self._looked_at = now
        head = self._jobs.head(job)
        return head is None or not head.is_active
