"""Pausing and resuming a ledger. See shared/capacity/ledger/pauseChange.ts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sluice.aws.item import AttributeValue
from sluice.aws.update import update_of
from sluice.capacity.ledger.attributes import update_parts
from sluice.capacity.ledger.item import LedgerChange, MemberPause


def pause_change(paused: bool, member: str | None = None) -> LedgerChange:
    """Pauses or resumes the whole ledger, or only `member` of a ledger that several jobs share."""
    if member is None:
        return LedgerChange(set={"paused": paused})
    return LedgerChange(member=MemberPause(member, paused))


def pause_update(
    table: str, key: Mapping[str, AttributeValue], paused: bool, member: str | None = None
) -> dict[str, Any]:
    """The same as the `Update` of a TransactWriteItems, to pause a ledger together with another change.

    It has no condition: the other parts of the transaction decide.
    """
    parts = replace(update_parts(pause_change(paused, member)), condition=None)
    return {"TableName": table, "Key": key, **update_of(parts)}
