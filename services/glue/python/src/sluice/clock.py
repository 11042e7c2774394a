"""Time. All moments are milliseconds since the epoch, all spans milliseconds, as in the TypeScript code."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Milliseconds since the epoch."""
        ...

    def sleep(self, ms: float) -> None:
        """Blocks the calling thread for this many milliseconds."""
        ...


class SystemClock:
    def now(self) -> float:
        return time.time() * 1000

    def sleep(self, ms: float) -> None:
        time.sleep(max(0.0, ms) / 1000)


system_clock = SystemClock()
