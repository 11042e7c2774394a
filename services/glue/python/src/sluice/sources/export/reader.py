"""Reads an export in S3, DynamoDB's own or Sluice's: a unit is a data file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluice.sources.export.files import ExportFiles
from sluice.sources.object_verdict import object_verdict
from sluice.sources.source import Source, SourceTools, UnitOfSource
from sluice.tables.identity import identify_table


class ExportReader:
    kind = "export"

    def open(self, unit: UnitOfSource, tools: SourceTools) -> Source:
        return ExportFiles(unit, tools)

    def identify(self, spec: Mapping[str, Any], dynamodb: Any) -> Mapping[str, Any]:
        """The table's identity. The ETags of the export's list and files show whether the export is the same."""
        return identify_table(dynamodb, spec["table"])

    def verdict(self, error: BaseException, spec: Mapping[str, Any]) -> str | None:
        return object_verdict(error, spec, f"export s3://{spec['bucket']}/{spec['manifest']}")
