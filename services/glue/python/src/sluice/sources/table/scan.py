"""One segment of a table or index: each page is one Scan request. The same as shared/sources/table/tableScan.ts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sluice.aws.dynamo_json import from_json_value, to_json_value
from sluice.aws.item import Json
from sluice.aws.read_responses import read_fast
from sluice.capacity.metering import ReadConsistency, read_bytes
from sluice.sources.source import SourcePage, SourceTools, UnitOfSource
from sluice.sources.table.page_size import PageSize
from sluice.sources.table.segments import segment_of

INPUT = {
    "table": "TableName",
    "index": "IndexName",
    "filter": "FilterExpression",
    "projection": "ProjectionExpression",
    "names": "ExpressionAttributeNames",
    "values": "ExpressionAttributeValues",
}
"""Scan's names for the fields of a spec."""


class TableScan:
    def __init__(self, unit: UnitOfSource, tools: SourceTools) -> None:
        read_fast(tools.dynamodb)
        self._tools = tools
        consistent: bool = unit.spec["consistentRead"]
        self._strength: ReadConsistency = "strong" if consistent else "eventual"
        segment = segment_of(unit.unit, unit.units, unit.spec.get("sample"))
        self._input = {**scan_input(unit.spec), **segment}
        self._page_size = PageSize(tools.budget, consistent, unit.average_bytes, unit.before)

    def read(self, cursor: Json) -> SourcePage:
        """The page behind the key in `cursor`, in DynamoDB JSON."""
        request = dict(self._input)
        if cursor is not None:
            request["ExclusiveStartKey"] = from_json_value(cast(Mapping[str, Any], cursor))
        limit = self._page_size.items()
        if limit is not None:
            request["Limit"] = limit
        output = self._tools.retry(lambda: self._tools.dynamodb.scan(**request))
        rcu = output.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
        scanned_items = output.get("ScannedCount", 0)
        items = output.get("Items", [])
        self._page_size.observe(scanned_items, rcu, len(items))
        last = output.get("LastEvaluatedKey")
        return SourcePage(
            items=items,
            scanned_items=scanned_items,
            # Pages are charged in whole units of 4 KB.
            scanned_bytes=round(read_bytes(rcu, self._strength)),
            cursor=to_json_value(last) if last else None,
            rcu=rcu,
        )

    def close(self) -> None:
        """Keeps nothing open."""


def scan_input(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A spec as Scan's input, without segment and position."""
    request: dict[str, Any] = {name: spec[field] for field, name in INPUT.items() if field in spec}
    if spec["consistentRead"]:
        request["ConsistentRead"] = True
    return {**request, "ReturnConsumedCapacity": "INDEXES"}
