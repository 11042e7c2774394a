"""The outcome of one attempt, in the limiter's terms. See shared/capacity/plugin/outcome.ts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any, NamedTuple

from sluice.aws.item_size import item_bytes
from sluice.capacity.metering import (
    Consumption,
    add_consumption,
    consumption_of,
    failed_write_capacity_units,
)
from sluice.capacity.plugin.cancelled import cancelled_units
from sluice.capacity.plugin.operations import Input, names, uses


class Outcome(NamedTuple):
    consumed: Consumption | None
    """None: the consumption is unknown, and the estimate stands."""
    throttled: bool
    """The table gave less than was asked for."""


_THROTTLES = frozenset({"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"})
_THROTTLE_REASONS = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError", "RequestLimitExceeded"})
"""The same within a transaction or a batch of statements."""
_DUPLICATES = frozenset({"DuplicateItemException", "DuplicateItem"})
"""A PartiQL INSERT met an existing item, whose size is not reported."""

_REFUSED = Outcome(Consumption(), throttled=True)
"""Throttled as a whole. A transaction is throttled with any of its items: all or nothing."""
UNREPORTED = Outcome(None, throttled=False)
"""The attempt used the table, but its consumption is unknown."""


def outcome_of(response: Mapping[str, Any], status: int, given: Input, table: str) -> Outcome:
    """`status`: of HTTP; from 300 on the response reports an error."""
    if status >= 300:
        return _outcome_of_error(response, status, given, table)
    capacity = response.get("ConsumedCapacity")
    # A single request, which has no parts, is by far the most frequent case.
    if isinstance(capacity, dict) and capacity.get("TableName") == table:
        return Outcome(consumption_of(capacity), throttled=False)
    return _outcome_of_parts(response, given, table)


def _outcome_of_parts(response: Mapping[str, Any], given: Input, table: str) -> Outcome:
    """A batch that leaves some of its parts undone was throttled, though it succeeded."""
    capacity = response.get("ConsumedCapacity")
    units, throttled = _failed_statements(response, given, table)
    unprocessed = response.get("UnprocessedItems") or response.get("UnprocessedKeys") or ()
    throttled = throttled or any(names(name, table) for name in unprocessed)
    if capacity is None:
        return Outcome(None, throttled)
    parts = capacity if isinstance(capacity, list) else [capacity]
    consumed = [consumption_of(each) for each in parts if names(each.get("TableName"), table)]
    if units > 0 or not consumed:
        consumed.append(Consumption(units))
    return Outcome(reduce(add_consumption, consumed), throttled)


def _failed_statements(response: Mapping[str, Any], given: Input, table: str) -> tuple[float, bool]:
    """Statements of a batch that failed: their units, and whether one was throttled.

    The response reports what the others consumed. A failed condition consumed by the size of the item that it met, or
    one unit where the response does not return it.
    """
    units = 0.0
    throttled = False
    for statement, each in zip(given.get("Statements", ()), response.get("Responses", ()), strict=False):
        error = each.get("Error")
        if error is None or not uses(statement, table):
            continue
        code = error.get("Code", "")
        if code in _THROTTLE_REASONS:
            throttled = True
        if code == "ConditionalCheckFailed" or code in _DUPLICATES:
            units += failed_write_capacity_units(item_bytes(error.get("Item", {})), 0)
    return units, throttled


def _outcome_of_error(response: Mapping[str, Any], status: int, given: Input, table: str) -> Outcome:
    """A failed condition consumes by the size of the item that it met; a throttled or refused request consumes nothing.

    After a server error the consumption is unknown.
    """
    code = response.get("Error", {}).get("Code", "")
    if code == "ConditionalCheckFailedException":
        units = failed_write_capacity_units(item_bytes(response.get("Item", {})), item_bytes(given.get("Item", {})))
        return Outcome(Consumption(units), throttled=False)
    if code == "TransactionCanceledException":
        reasons = response.get("CancellationReasons", ())
        if any(each.get("Code") in _THROTTLE_REASONS for each in reasons):
            return _REFUSED
        transaction = cancelled_units(given, [each.get("Item") for each in reasons], table)
        return UNREPORTED if transaction is None else Outcome(Consumption(transaction), throttled=False)
    if code in _THROTTLES:
        return _REFUSED
    if code in _DUPLICATES or status >= 500:
        return UNREPORTED
    return Outcome(Consumption(), throttled=False)
