"""The DynamoDB operations: which capacity they use, and of which table. See shared/capacity/plugin/operations.ts.

A request's input is what boto3's low-level client takes: `{"TableName": ..., ...}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from sluice.capacity.metering import Direction
from sluice.capacity.plugin.partiql import Statement, parse_statement

Input: TypeAlias = Mapping[str, Any]

Use: TypeAlias = Literal["none", "metered", "estimated", "unlimited"]
"""How a request uses a table in one direction.

- `none`: it doesn't use the table, and passes.
- `metered`: it waits for capacity and is charged what the response reports.
- `estimated`: it waits for capacity, and the estimate of an average request is charged.
- `unlimited`: the service would consume capacity at a rate that no client controls, so the request is refused.
"""

_STATEMENTS = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})

_DATA: Mapping[str, tuple[Direction, Use]] = {
    **dict.fromkeys(("GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"), ("read", "metered")),
    **dict.fromkeys(
        ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"), ("write", "metered")
    ),
    # Has a separate capacity, in bytes, which no limit here covers.
    "SearchVectors": ("read", "estimated"),
    "StartBulkPutItems": ("write", "unlimited"),
}
"""Operations that consume capacity."""

_CONTROL = frozenset(
    re.findall(
        r"\w+",
        """
    CancelBulkOperation CreateBackup CreateGlobalTable CreateTable DeleteBackup DeleteResourcePolicy DeleteTable
    DescribeBackup DescribeBulkOperation DescribeContinuousBackups DescribeContributorInsights DescribeEndpoints
    DescribeExport DescribeGlobalTable DescribeGlobalTableSettings DescribeImport DescribeKinesisStreamingDestination
    DescribeLimits DescribeTable DescribeTableReplicaAutoScaling DescribeTimeToLive DisableKinesisStreamingDestination
    EnableKinesisStreamingDestination ExportTableToPointInTime GetResourcePolicy ImportTable ListBackups
    ListBulkOperations ListContributorInsights ListExports ListGlobalTables ListImports ListTables ListTagsOfResource
    PutResourcePolicy RestoreTableFromBackup RestoreTableToPointInTime TagResource UntagResource UpdateContinuousBackups
    UpdateContributorInsights UpdateGlobalTable UpdateGlobalTableSettings UpdateKinesisStreamingDestination UpdateTable
    UpdateTableReplicaAutoScaling UpdateTimeToLive
    """,
    )
)
"""Operations that consume no capacity."""


def use_of(operation: str, given: Input, table: str, direction: Direction) -> Use:
    """How a request uses `table` (its name) in this direction.

    An operation that is not in these lists, because it came with a newer SDK, must not pass ungated: if it names the
    table it is `estimated`, in both directions.
    """
    known = _DATA.get(operation)
    if known is not None:
        of, use = known
        # Most requests name one table.
        return use if of == direction and (given.get("TableName") == table or _concerns(given, table)) else "none"
    if operation in _STATEMENTS:
        return "metered" if any(uses(each, table, direction) for each in statements_of(given)) else "none"
    return "estimated" if operation not in _CONTROL and _mentions(given, table) else "none"


def names(name: Any, table: str) -> bool:
    """True for the table's name and for its ARN."""
    return name == table or (isinstance(name, str) and name.endswith(f":table/{table}"))


def action(item: Mapping[str, Any]) -> Input:
    """The one action of an item of a transaction: `Get`, `Put`, `Update`, `Delete` or `ConditionCheck`."""
    return next(iter(item.values()), {})


def statements_of(given: Input) -> Sequence[Input]:
    """The PartiQL statements of a request, in their order; none of a request of another kind."""
    for name in ("Statements", "TransactStatements"):
        if name in given:
            statements: Sequence[Input] = given[name]
            return statements
    return [given] if "Statement" in given else []


def parsed(statement: Input) -> Statement | None:
    """None: it is unknown what the statement does."""
    return parse_statement(statement.get("Statement", ""))


def uses(statement: Input, table: str, direction: Direction | None = None) -> bool:
    """Whether a statement uses the table in this direction. A statement of unknown form counts in both."""
    known = parsed(statement)
    if known is None:
        return True
    return names(known.table, table) and direction in (None, known.direction)


def _concerns(given: Input, table: str) -> bool:
    if "RequestItems" in given:
        return any(names(name, table) for name in given["RequestItems"])
    if "TransactItems" in given:
        return any(names(action(item).get("TableName"), table) for item in given["TransactItems"])
    return names(given.get("TableName"), table)


def _mentions(value: Any, table: str) -> bool:
    """Whether any text of the input is the table's name or ARN."""
    if isinstance(value, str):
        return names(value, table)
    if isinstance(value, Mapping):
        return any(names(key, table) or _mentions(each, table) for key, each in value.items())
    return isinstance(value, (list, tuple)) and any(_mentions(each, table) for each in value)
