"""Turns the clauses of conditions into functions. See shared/aws/expressions/evaluate.ts, order.ts.

Their answers are those of DynamoDB. A test of the TypeScript code compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from sluice.aws.item import AttributeValue, Item
from sluice.expressions.operand import Operand, PathOperand, ValueOperand, type_of
from sluice.expressions.path import Get, getter
from sluice.expressions.same_value import same_value

Holds: TypeAlias = Callable[[Item], bool]
Value: TypeAlias = AttributeValue | None


def both(left: Holds, right: Holds) -> Holds:
    return lambda item: left(item) and right(item)


def either(left: Holds, right: Holds) -> Holds:
    return lambda item: left(item) or right(item)


def negated(holds: Holds) -> Holds:
    return lambda item: not holds(item)


def compared(by: str, first: Operand, second: Operand) -> Holds:
    left, right, compare = _get(first), _get(second), COMPARATORS[by]
    return lambda item: compare(left(item), right(item))


def between(value: Operand, low: Operand, high: Operand) -> Holds:
    get, get_low, get_high = _get(value), _get(low), _get(high)

    def holds(item: Item) -> bool:
        found = get(item)
        return _at_least(found, get_low(item)) and _at_most(found, get_high(item))

    return holds


def one_of(value: Operand, others: Sequence[Operand]) -> Holds:
    get, get_others = _get(value), [_get(other) for other in others]

    def holds(item: Item) -> bool:
        found = get(item)
        return any(_equal(found, other(item)) for other in get_others)

    return holds


def called(name: str, operands: Sequence[Operand]) -> Holds:
    get, call = [_get(operand) for operand in operands], PREDICATES[name]
    return lambda item: call(*[each(item) for each in get])


def order(a: Value, b: Value) -> int | None:
    """Below 0: `a` comes first. None: they have no order, because their types differ or their type has none.

    Numbers by value, texts by their UTF-8 bytes, which is the order of their code points, binary by unsigned bytes.
    """
    if a is None or b is None:
        return None
    for kind, sortable in _SORTABLE.items():
        if kind in a and kind in b:
            left, right = sortable(a[kind]), sortable(b[kind])
            return int(left > right) - int(left < right)
    return None


_SORTABLE: dict[str, Callable[[Any], Any]] = {"S": str, "N": Decimal, "B": bytes}


def _get(operand: Operand) -> Get:
    if isinstance(operand, PathOperand):
        return getter(operand.path)
    if isinstance(operand, ValueOperand):
        value = operand.value
        return lambda _item: value
    of = _get(operand.of)
    return lambda item: _size_of(of(item))


def _equal(a: Value, b: Value) -> bool:
    """A missing value equals nothing, and so differs from everything."""
    return a is not None and b is not None and same_value(a, b)


def _at_least(a: Value, b: Value) -> bool:
    return (found := order(a, b)) is not None and found >= 0


def _at_most(a: Value, b: Value) -> bool:
    return (found := order(a, b)) is not None and found <= 0


COMPARATORS: dict[str, Callable[[Value, Value], bool]] = {
    "=": _equal,
    "<>": lambda a, b: not _equal(a, b),
    "<": lambda a, b: (order(a, b) or 0) < 0,
    "<=": _at_most,
    ">": lambda a, b: (order(a, b) or 0) > 0,
    ">=": _at_least,
}


def _begins_with(value: Value, start: Value) -> bool:
    if value is None or start is None:
        return False
    return any(kind in value and kind in start and value[kind].startswith(start[kind]) for kind in ("S", "B"))


def _contains(value: Value, part: Value) -> bool:
    """A string in a string, bytes in bytes, or an element in a set or list."""
    if value is None or part is None:
        return False
    if "L" in value:
        return any(same_value(element, part) for element in value["L"])
    kind = type_of(part)
    if kind == "N":
        return any(Decimal(number) == Decimal(part["N"]) for number in value.get("NS", ()))
    if kind not in ("S", "B"):
        return False
    return part[kind] in value.get(kind, ()) or part[kind] in value.get(f"{kind}S", ())


PREDICATES: dict[str, Callable[..., bool]] = {
    "attribute_exists": lambda value: value is not None,
    "attribute_not_exists": lambda value: value is None,
    "attribute_type": lambda value, kind: value is not None and type_of(value) == kind["S"],
    "begins_with": _begins_with,
    "contains": _contains,
}
"""Functions that are conditions."""


def _size_of(value: Value) -> Value:
    """UTF-16 code units of a text, as DynamoDB Local has it, bytes of binary, elements of a set, list or map.

    Other types have no size.
    """
    if value is None or (kind := type_of(value)) in ("N", "BOOL", "NULL"):
        return None
    content = value[kind]
    return {"N": str(utf16_length(content) if kind == "S" else len(content))}


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
