"""How many writes go into a request, and how many requests there are at once. See shared/writing/pace.ts."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

from sluice.capacity.metering import (
    CapacityLimits,
    Consumption,
    add_consumption,
    consumption_of,
    cost_ms,
    lowest_limit,
)

MOST_IN_BATCH = 25
"""BatchExecuteStatement and BatchWriteItem take at most this many writes."""

_BATCH_MS = 15
"""The most that one request may cost, milliseconds of the limit; pace.ts has the reason."""
_LATENCY_MS = 20
"""Requests are assumed to take this long until they are known to take longer, without waiting for their turn,
milliseconds."""
_LEAST_REQUESTS = 2
"""One to wait for its answer, one to follow."""
_HEADROOM = 2
"""How many times as many requests to have as use up the rate on average; pace.ts has the reason."""
_NEWEST = 0.1
"""Weight of the newest request in the average."""


def batch_size(ms_per_write: float | None) -> int:
    """Writes in a batch, 1 to 25.

    `ms_per_write`: the cost of a write, milliseconds of the limit; None: no limit.
    """
    if ms_per_write is None:
        return MOST_IN_BATCH
    return min(MOST_IN_BATCH, max(1, floor(_BATCH_MS / ms_per_write)))


def requests_at_once(ms_per_write: float | None, size: int, request_ms: float | None, most: int) -> int:
    """Requests of `size` writes to have at once: twice as many as use up the rate.

    Most of the rest wait for capacity, so little is under way at a pause. `ms_per_write`: what a write costs,
    milliseconds of the limit; None: there is no limit. `request_ms`: how long a request takes lately, without waiting
    for its turn, milliseconds; None: unknown. `most`: bound if there is no limit, or a high one, or if requests
    are slow.
    """
    if ms_per_write is None:
        return most
    needed = ceil(_HEADROOM * max(_LATENCY_MS, request_ms or 0) / (ms_per_write * size))
    return min(most, max(_LEAST_REQUESTS, needed))


def batches_at_once(writes: int, ms_per_write: float | None, request_ms: float | None, most: int) -> int:
    """Batches of so many writes to have at once; see `batch_size` and `requests_at_once`."""
    size = batch_size(ms_per_write)
    return min(requests_at_once(ms_per_write, size, request_ms, most), ceil(writes / size))


class WriteCost:
    """The average consumption of a write, on the table and on each index, as responses report it."""

    def __init__(self, guess: float) -> None:
        """`guess`: capacity units, of the table and of each index, until responses have shown more."""
        self._guess = guess
        self._average: Consumption | None = None
        self._learning = threading.Lock()

    def ms(self, limits: CapacityLimits | None) -> float | None:
        """The cost of a write, milliseconds of the limits: the largest of table and indexes.

        None: there are no limits.
        """
        if limits is None:
            return None
        average = self._average
        return 1_000 * self._guess / lowest_limit(limits) if average is None else cost_ms(average, limits)

    def learn(self, consumed: Sequence[Mapping[str, Any]] | None, writes: int) -> None:
        """`consumed`: `ConsumedCapacity` of a response. `writes`: number of writes that consumed the units."""
        if not consumed or writes == 0:
            return
        total = Consumption()
        for each in consumed:
            total = add_consumption(total, consumption_of(each))
        if total.table == 0:
            return
        newest = _times(total, 1 / writes)
        with self._learning:
            average = self._average
            self._average = (
                newest if average is None else add_consumption(_times(average, 1 - _NEWEST), _times(newest, _NEWEST))
            )


def _times(consumption: Consumption, factor: float) -> Consumption:
    indexes = {name: factor * units for name, units in consumption.indexes.items()}
    return Consumption(factor * consumption.table, indexes)
