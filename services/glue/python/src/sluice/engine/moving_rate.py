"""A rate as a moving average. The same as shared/engine/movingRate.ts."""

from __future__ import annotations

import math

_MEMORY_SECONDS = 5
"""How long the past counts, seconds: an interval of this length counts e - 1 times as much as everything before it."""
_SHORTEST_SECONDS = 0.001
"""Shorter times between two pages are ignored."""
_LEAST_RATE = 1e-6
"""
The lowest rate after the first interval. Without consumption a rate falls to a third in five seconds, so after half an
hour DynamoDB would refuse it: its numbers begin at 1e-130. 0 would mean that there was no interval yet.
"""


def moving_rate(rate: float, units: float, seconds: float) -> float:
    """The rate after an interval. `rate`: so far, 0 before the first interval; `units`: consumed in the interval."""
    length = max(_SHORTEST_SECONDS, seconds)
    if rate == 0:
        return units / length
    weight = 1 - math.exp(-length / _MEMORY_SECONDS)
    return max(_LEAST_RATE, weight * (units / length) + (1 - weight) * rate)
