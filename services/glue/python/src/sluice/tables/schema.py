"""The keys of a table and of its indexes, on which conditional writes and their cost depend.

The same as shared/tables/schema.ts. A job's record has the schema of the table that the job changes as its `target`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class IndexSchema:
    name: str
    kind: Literal["global", "local"]
    keys: Sequence[str]
    """Names of its key attributes, the partition key first."""
    projection: Literal["ALL"] | Sequence[str]
    """Attributes it holds besides the keys of table and index."""


@dataclass(frozen=True)
class TableSchema:
    name: str
    keys: Sequence[str]
    """Names of its key attributes, the partition key first."""
    key_types: Mapping[str, str]
    """Types (`S`, `N` or `B`) of the key attributes of table and indexes, by name."""
    indexes: Sequence[IndexSchema]

    @staticmethod
    def of(target: Mapping[str, Any]) -> TableSchema:
        """Reads the `target` of a job's record."""
        indexes = [IndexSchema(**index) for index in target["indexes"]]
        return TableSchema(target["name"], target["keys"], target["keyTypes"], indexes)
