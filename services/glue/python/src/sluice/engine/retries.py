"""Keeps the reason of a call that is retried until its time is over, and notes one that has been failing for long.

The same as shared/engine/retries.ts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sluice.aws.transient import Retry
from sluice.clock import Clock
from sluice.errors import SluiceError

T = TypeVar("T")

_NOTE_EVERY_MS = 5_000
"""A call that has been failing for this long is noted in the unit's record, and again after each such time."""


def keeping_reason(retry: Retry, clock: Clock, note: Callable[[BaseException, float], None]) -> Retry:
    """A retry that remembers the call's last failure, and raises it when time runs out: it goes into the unit's record.

    If the limiter allows no further attempt before its deadline, the error `capacity.deadline` has the last failure as
    its cause. `note(error, since)` is called once a call has been failing for five seconds, and every five seconds
    after.
    """

    def retried(call: Callable[[], T]) -> T:
        trouble = _Trouble(clock, note)

        def attempt() -> T:
            try:
                return call()
            except Exception as error:
                if isinstance(error, SluiceError) and error.code == "capacity.deadline":
                    raise error from trouble.last
                trouble.add(error)
                raise

        try:
            return retry(attempt)
        except SluiceError as error:
            if error.code == "OUT_OF_TIME" and error.__cause__ is not None:
                raise error.__cause__ from None
            raise

    return retried


class _Trouble:
    def __init__(self, clock: Clock, note: Callable[[BaseException, float], Any]) -> None:
        self.last: BaseException | None = None
        self._clock = clock
        self._note = note
        self._since: float | None = None
        self._noted_at = 0.0

    def add(self, error: BaseException) -> None:
        now = self._clock.now()
        self.last = error
        if self._since is None:
            self._since = self._noted_at = now
        if now - self._noted_at >= _NOTE_EVERY_MS:
            self._noted_at = now
            self._note(error, self._since)
