"""Throttle feedback: how far throttled requests lower the limits in force. See shared/capacity/ledger/throttle.ts."""

from __future__ import annotations

from sluice.capacity.ledger.item import LedgerItem

THROTTLE_INTERVAL_MS = 1000
"""Within this time after a report, further reports don't count."""
_DECREASE = 0.8
_RECOVERY_PER_SECOND = 0.01
_LOWEST_FACTOR = 0.02
"""The lowest share, so that a job never stops altogether."""


def factor_at(item: LedgerItem, now: float) -> float:
    """The share of the limits in force at `now`, above 0 and at most 1."""
    return min(1.0, item.factor + _RECOVERY_PER_SECOND * max(0.0, now - item.factor_at) / 1000)


def factor_after_throttle(item: LedgerItem, now: float) -> float:
    """The share after one more report."""
    return max(_LOWEST_FACTOR, factor_at(item, now) * _DECREASE)
