"""Plain values as attribute values, in the form of `marshall` of @aws-sdk/util-dynamodb."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sluice.aws.item import AttributeValue


def attribute_of(value: object) -> AttributeValue:
    """A plain value as an attribute value.

    Strings, numbers, booleans, None, bytes, sets of strings (which aren't empty), lists, and mappings with string keys.
    Raises ValueError for a number that isn't finite and for an empty set, TypeError for any other type.
    """
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | float):
        return {"N": number_text(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, bytes):
        return {"B": value}
    return _collection(value)


def number_text(number: float) -> str:
    """The number in DynamoDB's form. A whole number has no fraction: `5`, not `5.0`."""
    if not math.isfinite(number):
        raise ValueError(f"DynamoDB keeps finite numbers, got {number}")
    whole = int(number)
    return str(whole) if whole == number else repr(number)


def _collection(value: object) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {"M": {name: attribute_of(each) for name, each in value.items()}}
    if isinstance(value, set | frozenset):
        if not value:
            raise ValueError("DynamoDB keeps no empty set")
        return {"SS": sorted(value)}
    if isinstance(value, Sequence):
        return {"L": [attribute_of(each) for each in value]}
    raise TypeError(f"DynamoDB keeps no {type(value).__name__}")
