"""What requests consume, what they may consume, and what they cost. The same as shared/capacity/metering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["read", "write"]


@dataclass(frozen=True)
class Consumption:
    """Capacity units of one request, or of several added up, on one table."""

    table: float = 0.0
    """Units of the table itself and of its local secondary indexes, which share the table's provisioned capacity."""
    indexes: Mapping[str, float] = field(default_factory=dict)
    """Units of each index by name: global secondary indexes, and local ones again by themselves."""


@dataclass(frozen=True)
class CapacityLimits:
    """Allowed capacity units per second, of one direction."""

    table: float
    """Units per second of the table, its local secondary indexes included. Above 0."""
    indexes: Mapping[str, float] = field(default_factory=dict)
    """Units per second of single indexes, by index name. An index not named here has the table's limit."""
