"""Reads a list of keys in S3: a unit is a range of it, or some of its objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sluice.aws.client_error import code_of, message_of
from sluice.sources.keys.pages import KeyPages
from sluice.sources.object_verdict import object_verdict
from sluice.sources.source import Source, SourceTools, UnitOfSource
from sluice.tables.identity import identify_table

OTHER_KEYS = re.compile("key element|key schema|required keys|type mismatch", re.IGNORECASE)
"""BatchGetItem's message is "The provided key element does not match the schema"; DynamoDB Local names required
keys."""


class KeysReader:
    kind = "keys"

    def open(self, unit: UnitOfSource, tools: SourceTools) -> Source:
        return KeyPages(unit, tools)

    def identify(self, spec: Mapping[str, Any], dynamodb: Any) -> Mapping[str, Any]:
        """The table's identity. The list's ETag, or the digest of its objects, shows whether the list is the same."""
        return identify_table(dynamodb, spec["table"])

    def verdict(self, error: BaseException, spec: Mapping[str, Any]) -> str | None:
        if code_of(error) == "ValidationException" and OTHER_KEYS.search(message_of(error)):
            keys = f"The keys of table {spec['table']}"
            return f"{keys} are not what they were when the job began: {message_of(error)}"
        place = spec["list"]["key"] if spec["list"]["form"] == "object" else spec["list"]["prefix"]
        return object_verdict(error, spec, f"list s3://{spec['bucket']}/{place}")
