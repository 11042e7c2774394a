"""The ledger item as DynamoDB keeps it, and a change of it as one update. dynamoDbLedger.ts lists the attributes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sluice.aws.item import AttributeValue
from sluice.aws.marshall import attribute_of
from sluice.aws.update import UpdateParts
from sluice.capacity.ledger.item import LedgerChange, LedgerItem, Requirements
from sluice.capacity.metering import CapacityLimits

_CAMEL = {"cost_sum": "costSum", "cost_count": "costCount", "factor_at": "factorAt"}
"""Attributes whose names differ from the item's fields."""


def update_parts(change: LedgerChange) -> UpdateParts:
    """A change of a ledger that must exist."""
    condition, values = _condition(change.require)
    add: dict[str, Any] = {_CAMEL.get(name, name): _rounded(amount) for name, amount in change.add.items()}
    delete: dict[str, frozenset[str]] = {}
    if change.member is not None:
        (add if change.member.paused else delete)["pausedMembers"] = frozenset({change.member.name})
    return UpdateParts(condition=condition, values=values, set=_written(change.set), add=add, delete=delete)


def to_attributes(item: LedgerItem) -> dict[str, AttributeValue]:
    """A new item's attributes."""
    values = {name: value for name, value in vars(item).items() if name != "paused_members"}
    return {name: attribute_of(value) for name, value in _written(values).items()}


def from_attributes(attributes: Mapping[str, AttributeValue]) -> LedgerItem:
    def amount(name: str) -> float:
        return float(attributes.get(name, {}).get("N", 0))

    limits = attributes.get("limits", {}).get("M", {})
    indexes = limits.get("indexes", {}).get("M", {})
    return LedgerItem(
        until=amount("until"),
        reservations=amount("reservations"),
        workers=amount("workers"),
        cost_sum=amount("costSum"),
        cost_count=amount("costCount"),
        limits=CapacityLimits(
            float(limits.get("table", {}).get("N", math.nan)),
            {name: float(limit["N"]) for name, limit in indexes.items()},
        ),
        paused=attributes.get("paused", {}).get("BOOL") is True,
        factor=amount("factor"),
        factor_at=amount("factorAt"),
        paused_members=tuple(attributes.get("pausedMembers", {}).get("SS", ())),
    )


def _condition(require: Requirements) -> tuple[str, dict[str, Any]]:
    """The condition, and the values that it uses. Every ledger has the attribute `until`."""
    limits = [
        ("#until >= :untilFrom", "untilFrom", require.until_from),
        ("#until <= :untilTo", "untilTo", require.until_to),
        ("#until < :untilBefore", "untilBefore", require.until_before),
        ("#factorAt <= :factorAtTo", "factorAtTo", require.factor_at_to),
    ]
    parts = ["attribute_exists(#until)", *(condition for condition, _, limit in limits if limit is not None)]
    values: dict[str, Any] = {name: _rounded(limit) for _, name, limit in limits if limit is not None}
    if require.unpaused:
        parts.append("#paused = :unpaused")
        values["unpaused"] = False
    if require.member_unpaused is not None:
        parts.append("NOT contains(#pausedMembers, :member)")
        values["member"] = require.member_unpaused
    if require.cost_known is not None:
        parts.append(f"#costCount {'>' if require.cost_known else '='} :none")
        values["none"] = 0
    return " AND ".join(parts), values


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are written: times and amounts are rounded, while `factor`, a share, keeps its digits."""
    return {_CAMEL.get(name, name): _value(name, value) for name, value in values.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, CapacityLimits):
        return {"table": value.table, "indexes": value.indexes}
    is_amount = isinstance(value, int | float) and not isinstance(value, bool)
    return _rounded(value) if is_amount and name != "factor" else value


def _rounded(ms: float) -> float:
    """To the microsecond, half-way up like Math.round: further digits are float noise."""
    return math.floor(ms * 1000 + 0.5) / 1000
