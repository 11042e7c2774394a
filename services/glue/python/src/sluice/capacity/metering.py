"""What requests consume, what they may consume, and what they cost. The same as shared/capacity/metering."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from sluice.errors import SluiceError

Direction: TypeAlias = Literal["read", "write"]
Purpose: TypeAlias = Literal["read", "write", "lookup"]
"""What a job consumes capacity for: to read its source, to write to the table that it changes, or, in a dry run, to
look into that table. A lookup is a read."""
ReadConsistency: TypeAlias = Literal["eventual", "strong", "transactional"]

_READ_UNIT_BYTES = 4096
_WRITE_UNIT_BYTES = 1024
_READ_FACTORS: Mapping[ReadConsistency, float] = {"eventual": 0.5, "strong": 1, "transactional": 2}
_NO_INDEXES: Mapping[str, float] = {}


class Consumption(NamedTuple):
    """Capacity units of one request, or of several added up, on one table."""

    table: float = 0.0
    """Units of the table itself and of its local secondary indexes, which share the table's provisioned capacity."""
    indexes: Mapping[str, float] = _NO_INDEXES
    """Units of each index by name: global secondary indexes, and local ones too, which count for the table as well."""


NOTHING = Consumption()


@dataclass(frozen=True)
class CapacityLimits:
    """Allowed capacity units per second, of one direction."""

    table: float
    """Units per second of the table, its local secondary indexes included. Above 0."""
    indexes: Mapping[str, float] = field(default_factory=dict)
    """Units per second of single indexes, by index name. An index not named here has the table's limit."""


def consumption_of(capacity: Mapping[str, Any]) -> Consumption:
    """Reads a `ConsumedCapacity` that was asked for with `ReturnConsumedCapacity: INDEXES`.

    With `TOTAL` there is only the sum over table and indexes, which is then charged to the table: too much rather than
    too little.
    """
    local = capacity.get("LocalSecondaryIndexes")
    of_all = capacity.get("GlobalSecondaryIndexes")
    if local is None and of_all is None:
        return Consumption(capacity.get("Table", capacity).get("CapacityUnits", capacity.get("CapacityUnits", 0.0)))
    table = capacity.get("Table", {}).get("CapacityUnits", 0.0)
    own = {name: each.get("CapacityUnits", 0.0) for name, each in (local or {}).items()}
    return Consumption(
        table + sum(own.values()),
        own | {name: each.get("CapacityUnits", 0.0) for name, each in (of_all or {}).items()},
    )


def add_consumption(a: Consumption, b: Consumption) -> Consumption:
    """Adds up resource by resource."""
    if not b.indexes:
        return Consumption(a.table + b.table, a.indexes)
    indexes = dict(a.indexes)
    for name, units in b.indexes.items():
        indexes[name] = indexes.get(name, 0.0) + units
    return Consumption(a.table + b.table, indexes)


def since_consumption(now: Consumption, before: Consumption) -> Consumption:
    """The difference between a growing sum and an earlier state of it."""
    indexes = {name: units - before.indexes.get(name, 0.0) for name, units in now.indexes.items()}
    return Consumption(now.table - before.table, indexes)


def cost_ms(consumption: Consumption, limits: CapacityLimits, factor: float = 1.0) -> float:
    """What a consumption costs, in milliseconds of the whole limit: `1000 · max(consumed / limit)`; see limits.ts.

    `factor`, above 0 and at most 1, scales every limit down.
    """
    seconds = consumption.table / limits.table
    for name, units in consumption.indexes.items():
        seconds = max(seconds, units / _limit_on(name, limits))
    return 1000 * seconds / factor


LEAST_RATE = 0.001
"""The least rate of a job, capacity units per second; see limits.ts."""


def lowest_limit(limits: CapacityLimits) -> float:
    """The lowest limit, of the table or one of its indexes; units per second."""
    return min(limits.table, *limits.indexes.values()) if limits.indexes else limits.table


def check_limits(limits: CapacityLimits) -> None:
    """Raises SluiceError `capacity.limits-invalid`, which names every wrong limit at once."""
    wrong = [
        (name, limit) for name, limit in (("table", limits.table), *limits.indexes.items()) if not _is_limit(limit)
    ]
    if not wrong:
        return
    got = ", ".join(f"{name}: {limit}" for name, limit in wrong)
    message = f"limits: must be above 0 units per second, got {got}"
    raise SluiceError("capacity.limits-invalid", message, value=limits)


def _is_limit(limit: object) -> bool:
    return isinstance(limit, int | float) and not isinstance(limit, bool) and math.isfinite(limit) and limit > 0


def cost_ratio(before: CapacityLimits, after: CapacityLimits) -> float:
    """By how much a cost grows when limits are replaced: the largest ratio over table and indexes."""
    ratio = before.table / after.table
    for name in {**before.indexes, **after.indexes}:
        ratio = max(ratio, _limit_on(name, before) / _limit_on(name, after))
    return ratio


def same_limits(a: CapacityLimits, b: CapacityLimits) -> bool:
    """True when both allow the same, by value."""
    return a == b or (cost_ratio(a, b) == 1 and cost_ratio(b, a) == 1)


def _limit_on(index: str, limits: CapacityLimits) -> float:
    return limits.indexes.get(index, limits.table)


def read_capacity_units(size: float, consistency: ReadConsistency) -> float:
    """Read units: one per 4 KB begun when strongly consistent, half of that eventually, twice in a transaction."""
    return max(1, math.ceil(size / _READ_UNIT_BYTES)) * _READ_FACTORS[consistency]


def read_bytes(units: float, consistency: ReadConsistency) -> float:
    """Bytes that so many read units paid for: the true size of what one request read, rounded up to 4 KB."""
    return units / _READ_FACTORS[consistency] * _READ_UNIT_BYTES


def write_capacity_units(size: float, transactional: bool = False) -> float:
    """Write units: one per 1 KB begun, twice in a transaction."""
    return max(1, math.ceil(size / _WRITE_UNIT_BYTES)) * (2 if transactional else 1)


def failed_write_capacity_units(existing_bytes: float, new_bytes: float, transactional: bool = False) -> float:
    """Write units of a write whose condition failed; 0 bytes stand for no item.

    It goes by the size of the existing item or of the item to be put, whichever is larger; one unit if no item existed.
    """
    return write_capacity_units(max(existing_bytes, new_bytes), transactional)


def items_per_second(per_second: Callable[[Purpose], float | None]) -> float | None:
    """Items per second that the limits on the table that a job changes allow, at one capacity unit an item.

    `per_second`: capacity units per second of a purpose; None: not limited. Returns None if there is no such limit.
    """
    rates = [rate for rate in (per_second("write"), per_second("lookup")) if rate is not None]
    return min(rates, default=None)
