"""The consumption of a cancelled transaction, which the response does not report."""

from __future__ import annotations

from collections.abc import Sequence

from sluice.aws.item import Item
from sluice.aws.item_size import item_bytes, value_bytes
from sluice.capacity.metering import write_capacity_units
from sluice.capacity.plugin.operations import Input, action, names, parsed, uses


def cancelled_units(given: Input, existing: Sequence[Item | None], table: str) -> float | None:
    """Write units: two for each kilobyte of each of the transaction's items on the table.

    The existing item (`existing`, if a condition returned it) or the item to be put counts, whichever is larger. None
    for a transaction that reads, because the size of its items is unknown.
    """
    items = given.get("TransactItems")
    statements = given.get("TransactStatements", ())
    if items is not None and any("Get" in each for each in items):
        return None
    known = [parsed(each) for each in statements]
    if any(each is None or each.direction != "write" for each in known):
        return None
    if items is not None:
        actions = [action(each) for each in items]
        new_bytes = [
            item_bytes(each.get("Item", {})) if names(each.get("TableName"), table) else None for each in actions
        ]
    else:
        new_bytes = [_statement_bytes(each) if uses(each, table) else None for each in statements]
    units = 0.0
    for i, size in enumerate(new_bytes):
        if size is not None:
            met = existing[i] if i < len(existing) else None
            units += write_capacity_units(max(item_bytes(met or {}), size), transactional=True)
    return units


def _statement_bytes(statement: Input) -> int:
    """An upper bound for the size of the item that an INSERT puts: the size of the statement's text and parameters."""
    known = parsed(statement)
    if known is None or known.verb != "insert":
        return 0
    return len(statement["Statement"].encode()) + sum(value_bytes(each) for each in statement.get("Parameters", ()))
