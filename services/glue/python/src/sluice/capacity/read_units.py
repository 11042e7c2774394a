"""Read capacity units from sizes, and back: the part of shared/capacity/metering/capacityUnits.ts for reads.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

import math

READ_UNIT_BYTES = 4096


def read_capacity_units(bytes_: float, *, consistent: bool) -> float:
    """One unit per 4 KB begun when strongly consistent, half of that eventually."""
    units = max(1, math.ceil(bytes_ / READ_UNIT_BYTES))
    return units if consistent else units / 2


def read_bytes(units: float, *, consistent: bool) -> float:
    """Bytes that so many units paid for: the true size of what was read in one request, rounded up to 4 KB."""
    return units * (1 if consistent else 2) * READ_UNIT_BYTES
