"""DynamoDB's condition expressions, evaluated here instead of there. The same as shared/aws/expressions/condition.ts.

holds = parse_condition("attribute_not_exists(GSISK) AND Price > :p", values={":p": {"N": "3"}}).holds
holds({"id": {"S": "a"}, "Price": {"N": "4"}})  # True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sluice.aws.item import AttributeValue
from sluice.errors import SluiceError
from sluice.expressions.evaluate import Holds, utf16_length
from sluice.expressions.parser import Invalid, parse
from sluice.expressions.path import Path
from sluice.expressions.values import attribute_values


class Condition(NamedTuple):
    paths: Sequence[Path]
    """Every document path it reads, without repetitions."""
    holds: Holds
    """Whether DynamoDB would find it true for the item."""


def parse_condition(
    text: str,
    names: Mapping[str, str] | None = None,
    values: Mapping[str, AttributeValue] | None = None,
    option: str = "The condition",
) -> Condition:
    """Parses a condition; refuses what DynamoDB would refuse, except reserved words, and unused names and values.

    `names`: attribute names by `#name`. `values`: values by `:value`. `option`: the error's subject, such as `onlyIf`.

    Raises SluiceError INVALID_EXPRESSION, with the position (in UTF-16 code units, from 1) and what was expected there.
    """
    try:
        holds, paths = parse(text, names or {}, values or {})
    except Invalid as error:
        position = utf16_length(text[: error.start]) + 1
        message = f"{option} is invalid at position {position}: {error.reason}."
        raise SluiceError("INVALID_EXPRESSION", message, value=text) from None
    return Condition(paths, holds)


def only_if(params: Mapping[str, Any]) -> Condition | None:
    """The condition on items in the parameters of an update or a deletion; None: there is no condition.

    Its parts are `onlyIf`, `names`, `values` and `typedValues`.
    """
    text = params.get("onlyIf")
    if text is None:
        return None
    values = attribute_values(params.get("values"), params.get("typedValues"))
    return parse_condition(text, params.get("names"), values, "onlyIf")
