"""Distinguishes a table, or an index, from another one of the same name that was made later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def identify_table(dynamodb: Any, table: str, index: str | None = None) -> Mapping[str, Any]:
    """The table's identity now. Raises the client's error, such as ResourceNotFoundException."""
    return identity_of(dynamodb.describe_table(TableName=table)["Table"], index)


def identity_of(table: Mapping[str, Any], index: str | None) -> Mapping[str, Any]:
    """The identity that a table's description shows, in the form of shared/tables/identity.ts. Pure."""
    identity: dict[str, Any] = {}
    if "TableArn" in table:
        identity["arn"] = table["TableArn"]
    if "TableId" in table:
        identity["id"] = table["TableId"]
    if "CreationDateTime" in table:
        identity["createdAt"] = round(table["CreationDateTime"].timestamp() * 1000)
    indexes = [*table.get("GlobalSecondaryIndexes", ()), *table.get("LocalSecondaryIndexes", ())]
    for each in indexes:
        if each["IndexName"] == index:
            identity["index"] = _definition_of(each)
            break
    return identity


def _definition_of(index: Mapping[str, Any]) -> str:
    """Keys and projection of an index as text; the same for the same definition, in both languages."""
    projection = index.get("Projection", {})
    definition: dict[str, Any] = {
        "keys": [[key["KeyType"], key["AttributeName"]] for key in index.get("KeySchema", ())]
    }
    if "ProjectionType" in projection:
        definition["projection"] = projection["ProjectionType"]
    # In the order of JavaScript, which compares UTF-16.
    names = sorted(projection.get("NonKeyAttributes", ()), key=lambda name: name.encode("utf-16-be"))
    return json.dumps({**definition, "attributes": names}, ensure_ascii=False, separators=(",", ":"))
