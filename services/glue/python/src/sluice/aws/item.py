"""Items in the form of DynamoDB's JSON: `{"id": {"S": "a"}, "size": {"N": "1"}}`.

boto3's low-level client uses the same form, except that binary values are `bytes` there. All code of this package has
boto3's form in memory. Only stored JSON text has base64 text instead; see dynamo_json.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

AttributeValue: TypeAlias = Mapping[str, Any]
Item: TypeAlias = Mapping[str, AttributeValue]

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
