"""Items in DynamoDB JSON, where binary is base64: `{"id":{"S":"a"},"photo":{"B":"aGk="}}`.

The same as shared/aws/dynamoJson.ts. Both functions on values take items as well. Values and items can't be confused:
an item's attributes are objects, but the content of a binary value isn't.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from sluice.aws.item import Item


def dynamo_json(item: Item) -> str:
    """An item in DynamoDB JSON, without spaces, as JSON.stringify writes it."""
    return _ENCODER.encode(item)


def to_json_value(value: Any) -> Any:
    """An item or value in the form that JSON can have: binary is base64."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, list | tuple):
        return [to_json_value(element) for element in value]
    return {name: to_json_value(content) for name, content in value.items()} if isinstance(value, dict) else value


def from_json_value(value: Any) -> Any:
    """Turns DynamoDB JSON into an item or value in the form of boto3's client: binary is bytes."""
    if isinstance(value, list):
        return [from_json_value(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {name: _content(name, content) for name, content in value.items()}


def _content(name: str, content: Any) -> Any:
    if name == "B" and isinstance(content, str):
        return b64decode(content)
    if name == "BS" and isinstance(content, list):
        return [b64decode(element) for element in content]
    return from_json_value(content)


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), default=lambda content: b64encode(content).decode()
)
"""json calls this only for values that it can't write, which are binary."""
