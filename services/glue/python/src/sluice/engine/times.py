"""How a worker divides the time of a stretch.

The same as shared/drivers/invocationTime.ts, with stretches instead of invocations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

_WIND_UP_MS = 8_000
"""Time at the end of a stretch in which no further page is begun."""
_WIND_UP_SHARE = 0.4
"""In a short stretch, at most this share of it."""
_RECORDS_MS = 4_000
"""Time for the final records: page work is stopped before that, so that the reason can still be recorded."""
_LAST_PAGE_SHARE = 0.25
"""At least this share of that time is left for the last page."""
_PASSING_SHARE = 0.5
"""The share of the last page's time in which requests still pass, so that it may take as long as others."""

_FIRST_DELAY_SECONDS = 15
_LONGEST_DELAY_SECONDS = 900
_FIRST_SHARE = 0.5
"""A worker's first stretch works for at least this share of its time."""


@dataclass(frozen=True)
class StretchTime:
    """Moments: when it begins, after which no further page is begun, after which no request passes the limiters, when
    page work is stopped, and when the stretch ends."""

    started_at: float
    stop_at: float
    deadline: float
    work_ends_at: float
    ends_at: float


def divide_time(now: float, remaining_ms: float) -> StretchTime:
    wind_up = min(_WIND_UP_MS, _WIND_UP_SHARE * remaining_ms)
    work_ends_at = math.floor(now + remaining_ms - min(_RECORDS_MS, (1 - _LAST_PAGE_SHARE) * wind_up))
    stop_at = now + remaining_ms - wind_up
    deadline = stop_at + _PASSING_SHARE * (work_ends_at - stop_at)
    return StretchTime(now, stop_at, deadline, work_ends_at, now + remaining_ms)


def spread_first(time: StretchTime, random: Callable[[], float]) -> StretchTime:
    """The time of a worker's first stretch: it begins no further page after a random part of its time, half or more.

    Workers begin together. If they also ended together, nobody would work until their next stretches have begun. The
    last page may still use the whole time. `random`: uniform in [0, 1).
    """
    less = (1 - _FIRST_SHARE) * random() * (time.stop_at - time.started_at)
    return replace(time, stop_at=time.stop_at - less)


def unit_backoff_ms(attempts: int, random: Callable[[], float]) -> int:
    """How long a unit waits after this many attempts without progress: shared/aws/visibilityBackoff.ts.

    Half to all of min(900, 15 · 2^(attempts-1)) seconds, whole. `random`: uniform in [0, 1).
    """
    longest: int = min(_LONGEST_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2 ** (max(1, attempts) - 1))
    return 1_000 * max(1, math.floor(longest / 2 + (longest / 2) * random() + 0.5))
