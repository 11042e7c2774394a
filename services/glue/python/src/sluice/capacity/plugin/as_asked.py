"""Asks for the figures that metering needs, and removes them from responses if the caller didn't ask for them.

See shared/capacity/plugin/asAsked.ts. In boto3 a response that reports an error is a response too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluice.capacity.plugin.operations import Input, action, parsed, statements_of

_WANTED = "ReturnValuesOnConditionCheckFailure"
_ALL_OLD = {_WANTED: "ALL_OLD"}
_INDEXES = {"ReturnConsumedCapacity": "INDEXES"}
_INDEXES_AND_ITEM = {**_INDEXES, **_ALL_OLD}
_DETAILS = ("Table", "LocalSecondaryIndexes", "GlobalSecondaryIndexes")


def metered(given: Input) -> Input:
    """The arguments that replace those of `given` so that everything is asked for that metering needs."""
    if "TableName" in given:
        return _INDEXES_AND_ITEM if "ConditionExpression" in given else _INDEXES
    asked: dict[str, Any] = {"ReturnConsumedCapacity": _detail(given)}
    if "TransactItems" in given:
        return {**asked, "TransactItems": [_metered_action(each) for each in given["TransactItems"]]}
    for name in ("Statements", "TransactStatements"):
        if name in given:
            return {**asked, name: [{**each, **_returned_item(each)} for each in given[name]]}
    return {**asked, **_returned_item(given)} if "Statement" in given else asked


def _detail(given: Input) -> str:
    """`INDEXES`, except for transactions that read.

    There `TOTAL` is the only value that the service documents, and nothing is lost, because they read no index.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
    """
    if "TransactItems" in given:
        reads = any("Get" in each for each in given["TransactItems"])
    elif "TransactStatements" in given:
        reads = any(_direction(each) != "write" for each in given["TransactStatements"])
    else:
        return "INDEXES"
    return "TOTAL" if reads and given.get("ReturnConsumedCapacity") != "INDEXES" else "INDEXES"


def _direction(statement: Input) -> str | None:
    known = parsed(statement)
    return None if known is None else known.direction


def _metered_action(item: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: {**given, **_ALL_OLD} if "ConditionExpression" in given else given for kind, given in item.items()}


def _returned_item(statement: Input) -> dict[str, str]:
    """Only these two can return the item that failed the condition. Statements that ask for it already stay as they
    are."""
    if _wants_item(statement):
        return {}
    known = parsed(statement)
    return _ALL_OLD if known is not None and known.verb in ("update", "delete") else {}


def as_asked(response: dict[str, Any], asked: Input) -> None:
    """Leaves of a response what the caller asked for: of capacity, and of items that failed a condition."""
    if "Statements" in asked:
        for statement, each in zip(asked["Statements"], response.get("Responses", ()), strict=False):
            if not _wants_item(statement):
                each.get("Error", {}).pop("Item", None)
    _capacity_as_asked(response, asked)
    if "Error" not in response:
        return
    code = response["Error"].get("Code")
    if code == "ConditionalCheckFailedException" and not _wants_item(asked):
        response.pop("Item", None)
    elif code == "TransactionCanceledException":
        parts = [action(each) for each in asked.get("TransactItems", ())] or statements_of(asked)
        for part, reason in zip(parts, response.get("CancellationReasons", ()), strict=False):
            if not _wants_item(part):
                reason.pop("Item", None)


def _capacity_as_asked(response: dict[str, Any], asked: Input) -> None:
    """Keeps all of `ConsumedCapacity` (`INDEXES`), only the sums (`TOTAL`), or nothing."""
    detail = asked.get("ReturnConsumedCapacity")
    if detail == "INDEXES" or "ConsumedCapacity" not in response:
        return
    if detail != "TOTAL":
        del response["ConsumedCapacity"]
        return
    capacity = response["ConsumedCapacity"]
    for each in capacity if isinstance(capacity, list) else [capacity]:
        for name in _DETAILS:
            each.pop(name, None)


def _wants_item(part: Input) -> bool:
    return part.get(_WANTED) == "ALL_OLD"
