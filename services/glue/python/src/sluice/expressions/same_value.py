"""Equality of attribute values by DynamoDB's rules: numbers by value, sets in any order, lists and maps deeply.

Values of different types are never the same. The same as shared/aws/expressions/sameValue.ts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from sluice.aws.item import AttributeValue, Item


def same_value(a: AttributeValue | None, b: AttributeValue | None) -> bool:
    """Two missing values are the same here; in an expression nothing equals a missing value."""
    if a == b:
        return True
    if a is None or b is None:
        return False
    for kind, content in a.items():
        same = _SAME.get(kind)
        return same is not None and kind in b and same(content, b[kind])
    return False


def same_item(a: Item, b: Item) -> bool:
    """Whether two items, or maps, have the same attributes."""
    return a.keys() == b.keys() and all(same_value(value, b[name]) for name, value in a.items())


def _same_list(a: Sequence[AttributeValue], b: Sequence[AttributeValue]) -> bool:
    return len(a) == len(b) and all(map(same_value, a, b))


_SAME: dict[str, Callable[[Any, Any], bool]] = {
    "N": lambda a, b: Decimal(a) == Decimal(b),
    "M": same_item,
    "L": _same_list,
    "SS": lambda a, b: set(a) == set(b),
    "NS": lambda a, b: set(map(Decimal, a)) == set(map(Decimal, b)),
    "BS": lambda a, b: set(a) == set(b),
}
"""Types whose contents may differ and be the same nevertheless."""
