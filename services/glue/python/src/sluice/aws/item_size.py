"""The size of an item by the rules DynamoDB meters by. The same as shared/aws/itemSize.ts.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from math import ceil, floor
from typing import Any

from sluice.aws.item import AttributeValue, Item


def item_bytes(item: Item) -> int:
    """Bytes of names and values of all attributes."""
    size = 0
    for name, value in item.items():
        size += text_bytes(name) + value_bytes(value)
    return size


def attribute_bytes(name: str, value: AttributeValue) -> int:
    """Bytes of one attribute: its name and its value."""
    return text_bytes(name) + value_bytes(value)


def value_bytes(value: AttributeValue) -> int:
    """Bytes of one value, without its name."""
    for kind, content in value.items():
        return _BYTES[kind](content)
    return 0


def text_bytes(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def number_bytes(text: str) -> int:
    """One byte for every two significant digits, plus one, plus another one if it is negative.

    Zeros at both ends do not count. Digits are paired from the decimal point, so 1.2 needs two pairs and 12 only one.
    Zero is one byte.
    """
    return _whole_number_bytes(text) if text.isascii() and text.isdigit() else _any_number_bytes(text)


def _whole_number_bytes(digits: str) -> int:
    """A fast path for most numbers. Several times as fast as the general rule."""
    significant = digits.lstrip("0")
    if not significant:
        return 1
    zeros = len(significant) - len(significant.rstrip("0"))
    return min(21, 1 + (len(significant) + 1) // 2 - zeros // 2)


_NUMBER = re.compile(r"([+-]?)([0-9.]+)(?:[eE]([+-]?[0-9]+))?")


def _any_number_bytes(text: str) -> int:
    found = _NUMBER.fullmatch(text)
    sign, mantissa, exponent = found.groups() if found else ("", "0", None)
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    significant = digits.lstrip("0")
    if not significant:
        return 1
    # The power of ten of the first significant digit, and that just behind the last one.
    point = len(whole) + int(exponent or 0)
    first, last = len(digits) - len(significant), len(digits.rstrip("0"))
    pairs = ceil((point - first) / 2) - floor((point - last) / 2)
    return min(21, 1 + pairs + (1 if sign == "-" else 0))


def _sum_of(size: Callable[[Any], int]) -> Callable[[Iterable[Any]], int]:
    return lambda elements: sum(map(size, elements))


_BYTES: dict[str, Callable[[Any], int]] = {
    "S": text_bytes,
    "N": number_bytes,
    "B": len,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": _sum_of(text_bytes),
    "NS": _sum_of(number_bytes),
    "BS": _sum_of(len),
    # A list or map takes 3 bytes, and 1 more for each element.
    "L": lambda elements: 3 + len(elements) + sum(map(value_bytes, elements)),
    "M": lambda attributes: 3 + len(attributes) + item_bytes(attributes),
}
"""By the type of a value."""
