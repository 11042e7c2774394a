"""The limits of a table at a rate: shared/tables/limits.ts, and the part of facts.ts that it needs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice.capacity.metering import LEAST_RATE, CapacityLimits, Direction, lowest_limit

_ON_DEMAND: Mapping[Direction, int] = {"read": 12_000, "write": 4_000}
"""The throughput of a new on-demand table or index, capacity units per second.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
"""
_ON_DEMAND_QUOTA = 40_000
"""The default quota of an on-demand table, capacity units per second in each direction."""


_RATE = f'must be at least {LEAST_RATE} capacity units per second or a percentage such as "50%"'


@dataclass(frozen=True)
class RateLimits:
    limits: CapacityLimits
    most: float
    """The most that the table allows, capacity units per second."""


@dataclass(frozen=True)
class _Capacity:
    """The throughput of a table or a global index in one direction, capacity units per second."""

    per_second: float
    """The base of percentages: provisioned, on-demand maximum, warm throughput, or on-demand default."""
    most: float


def rate_problem(rate: object) -> str | None:
    """The problem of a rate, which must be capacity units per second, or a percentage such as "50%"."""
    if isinstance(rate, str):
        if not re.fullmatch(r"\d{1,3}(\.\d+)?%", rate, re.ASCII):
            return _RATE
        return None if 0 < float(rate[:-1]) <= 100 else "must be above 0% and at most 100%"
    if isinstance(rate, int | float) and not isinstance(rate, bool) and LEAST_RATE <= rate < math.inf:
        return None
    return _RATE


def limits_of(table: Mapping[str, Any], rate: float | str, direction: Direction) -> RateLimits:
    """The limits of using the table and all its indexes at a rate, which `rate_problem` has passed.

    `table`: its description. A local index has the table's capacity. A global index has its own capacity: its limit is
    the same share of that, or the rate if the index allows it.
    """
    own = _capacity(table, direction)
    per_second = _units_of(rate, own)
    indexes: dict[str, float] = {}
    for index in table.get("GlobalSecondaryIndexes", ()):
        capacity = _capacity(index, direction)
        limit = min(_units_of(rate, capacity), capacity.most)
        if limit != per_second:
            indexes[index["IndexName"]] = limit
    return RateLimits(CapacityLimits(per_second, indexes), own.most)


def low_rate(found: RateLimits) -> str | None:
    """Why a percentage is too low, the end of a sentence that begins with its name. None: it isn't."""
    lowest = lowest_limit(found.limits)
    if lowest >= LEAST_RATE:
        return None
    least = f"must come to at least {LEAST_RATE} capacity units per second on the table and its indexes"
    return f"{least}, got {lowest:g}."


def _units_of(rate: float | str, capacity: _Capacity) -> float:
    return capacity.per_second * float(rate[:-1]) / 100 if isinstance(rate, str) else rate


def _capacity(of: Mapping[str, Any], direction: Direction) -> _Capacity:
    """On-demand tables report zero provisioned units, and a maximum of -1 if none is set."""
    name = direction.capitalize()
    provisioned = of.get("ProvisionedThroughput", {}).get(f"{name}CapacityUnits", 0)
    if provisioned > 0:
        return _Capacity(provisioned, provisioned)
    maximum = of.get("OnDemandThroughput", {}).get(f"Max{name}RequestUnits", -1)
    if maximum > 0:
        return _Capacity(maximum, maximum)
    warm = of.get("WarmThroughput", {}).get(f"{name}UnitsPerSecond", 0)
    return _Capacity(warm if warm > 0 else _ON_DEMAND[direction], max(warm, _ON_DEMAND_QUOTA))
