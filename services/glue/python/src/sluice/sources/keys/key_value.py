"""Values of key attributes. The same as shared/sources/keys/keyValue.ts."""

from __future__ import annotations

import json
import math
import re
from base64 import b64decode
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sluice.aws.item import AttributeValue, Item
from sluice.aws.number_text import is_number_text

MOST_BYTES = (2048, 1024)
"""Most bytes of partition and sort key.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
NAMES = {"S": "text", "N": "a number", "B": "base64"}
MOST_SHOWN = 50

KeyAttribute = Mapping[str, str]
"""A key attribute in a job's source: `name` and `type`."""


@dataclass(frozen=True)
class NumberText:
    """A number of a JSON text, with all its digits."""

    text: str


def key_value(given: object, kind: str, place: int) -> AttributeValue | str:
    """Turns a list's value, in DynamoDB JSON or plain, into a typed one.

    A string may be the value of an attribute of any type, because CSV has only strings. `place` 0: partition key, 1:
    sort key. Returns the value, or why it can't be one, which ends the sentence "Attribute x …".
    """
    content = given.get(kind) if isinstance(given, dict) and len(given) == 1 else given
    if not isinstance(content, str):
        return f"must be {NAMES[kind]}, got {_shown(given)}"
    if kind == "N":
        return {"N": content} if is_number_text(content) else f"must be a number, got {_shown(given)}"
    if kind == "B" and not BASE64.fullmatch(content):
        return f"must be base64, got {_shown(given)}"
    binary = b64decode(content) if kind == "B" else content.encode("utf-8", "surrogatepass")
    most = MOST_BYTES[place]
    if not 1 <= len(binary) <= most:
        return f"must have 1 to {most} bytes, got {len(binary)}"
    return {"B": binary} if kind == "B" else {"S": content}


def key_name(item: Item, keys: Sequence[KeyAttribute]) -> Hashable:
    """The same for the same key, however its number is written. Pure."""
    return tuple(_name_of(item[key["name"]], key["type"]) for key in keys)


def _name_of(value: AttributeValue, kind: str) -> Hashable:
    return Decimal(value["N"]) if kind == "N" else bytes(value["B"]) if kind == "B" else str(value["S"])


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_double)
    return f"{text[:MOST_SHOWN]}…" if len(text) > MOST_SHOWN else text


def _double(number: NumberText) -> Any:
    """As JavaScript shows it, which has only doubles."""
    double = float(number.text)
    if math.isinf(double):
        return None
    return int(double) if double.is_integer() and abs(double) < 1e21 else double
