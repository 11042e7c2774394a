"""Items as lines of an export: one JSON object a line, `\\n` behind each. The same as shared/exports/itemLines.ts."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sluice.aws.dynamo_json import dynamo_json
from sluice.aws.item import AttributeValue, Item

JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# JSON leaves these two as they are, and readers of lines take them for line breaks.
OTHER_BREAKS = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029"})
_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def item_lines(items: Sequence[Item], export_format: str) -> bytes:
    """A page's lines, in UTF-8. Each ends in a line feed.

    `dynamodb-json`: lines as in DynamoDB's own exports. `json`: plain JSON; numbers keep all their digits, sets
    are arrays, binary is base64, so the lines no longer show types.
    """
    line = _plain_item if export_format == "json" else _typed_line
    text = "".join([f"{line(item)}\n" for item in items])
    if "\u2028" in text or "\u2029" in text:
        text = text.translate(OTHER_BREAKS)
    # Half a surrogate pair, which no item of a table contains: JSON writes it as an escape.
    return text.encode("utf-8", "backslashreplace")


def _typed_line(item: Item) -> str:
    return f'{{"Item":{dynamo_json(item)}}}'


def _plain_item(item: Item) -> str:
    return "{" + ",".join([f"{_text(name)}:{_plain(value)}" for name, value in item.items()]) + "}"


def _plain(value: AttributeValue) -> str:
    ((kind, content),) = value.items()
    write = PLAIN[kind]
    return write(content)


def _number(number: str) -> str:
    """All digits, up to 38; a double would keep only 15. A number that JSON does not allow becomes a string."""
    return number if JSON_NUMBER.fullmatch(number) else _text(number)


def _base64(content: bytes) -> str:
    return f'"{b64encode(content).decode()}"'


def _array(write: Callable[[Any], str]) -> Callable[[Iterable[Any]], str]:
    return lambda elements: f"[{','.join([write(element) for element in elements])}]"


PLAIN: dict[str, Callable[[Any], str]] = {
    "S": _text,
    "N": _number,
    "BOOL": _text,
    "NULL": lambda _: "null",
    "M": _plain_item,
    "L": _array(_plain),
    "SS": _array(_text),
    "NS": _array(_number),
    "B": _base64,
    "BS": _array(_base64),
}
