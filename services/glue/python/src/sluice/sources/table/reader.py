"""Reads a table or an index by a parallel Scan: a unit is a segment. As shared/sources/table/tableReader.ts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sluice.aws.client_error import code_of, message_of
from sluice.sources.source import Source, SourceTools, UnitOfSource
from sluice.sources.table.scan import TableScan
from sluice.tables.identity import identify_table

NO_INDEX = re.compile("does not have the specified index", re.IGNORECASE)
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html"""
OTHER_KEYS = re.compile("exclusive ?start ?key|starting key|key schema|type mismatch", re.IGNORECASE)


class TableReader:
    kind = "table"

    def open(self, unit: UnitOfSource, tools: SourceTools) -> Source:
        return TableScan(unit, tools)

    def identify(self, spec: Mapping[str, Any], dynamodb: Any) -> Mapping[str, Any]:
        return identify_table(dynamodb, spec["table"], spec.get("index"))

    def verdict(self, error: BaseException, spec: Mapping[str, Any]) -> str | None:
        table, code, message = spec["table"], code_of(error), message_of(error)
        if code == "ResourceNotFoundException":
            return f"Table {table} no longer exists."
        if code == "AccessDeniedException":
            return f"Table {table} may not be read: {message}"
        if code == "ValidationException" and NO_INDEX.search(message):
            return f"Table {table} has no index {spec.get('index')} any more."
        if code == "ValidationException" and OTHER_KEYS.search(message):
            return f"The keys of table {table} are not what they were when the job began: {message}"
        return None
