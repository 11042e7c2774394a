"""The joint cost of requests: the time of the resource that they occupy longest, table or index.

A request that uses a resource which lies behind the others costs only what exceeds the difference. The amount by which
a resource lies behind is bounded. Otherwise an index could take more than its limit after a long time without writes.
See shared/capacity/worker/jointCost.ts.
"""

from __future__ import annotations

from sluice.capacity.metering import CapacityLimits, Consumption

_TABLE = ""


class JointCost:
    def __init__(self) -> None:
        self._behind: dict[str, float] = {}
        """By how much each resource lies behind, milliseconds. A resource that was never used doesn't lie behind."""

    def add(self, consumption: Consumption, limits: CapacityLimits, factor: float, most: float) -> float:
        """The cost of a further request, milliseconds. `most`: by how much a resource may lie behind, milliseconds."""
        behind = self._behind
        of_table = 1000 * (consumption.table / limits.table) / factor
        if not behind and not consumption.indexes:
            # Only the table has been used, so nothing lies behind.
            return of_table
        needs = dict.fromkeys(behind, 0.0)
        needs[_TABLE] = of_table
        for name, units in consumption.indexes.items():
            needs[name] = 1000 * (units / limits.indexes.get(name, limits.table)) / factor
        cost = 0.0
        for name, ms in needs.items():
            cost = max(cost, ms - behind.get(name, 0.0))
        for name, ms in needs.items():
            behind[name] = min(most, behind.get(name, 0.0) + cost - ms)
        return cost
