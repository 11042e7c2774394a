"""Items in DynamoDB JSON, where binary is base64: `{"id":{"S":"a"},"photo":{"B":"aGk="}}`.

The same as shared/aws/dynamoJson.ts. Both functions on values take items as well: the two can't be confused, as the
attributes of an item are objects and the content of a binary value is none.
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
    """The item or value that boto3's client would give for what DynamoDB JSON has: binary is bytes."""
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
"""Asks for what it can't write only, which is binary."""
