"""DynamoDB's rules for operands, which it checks before it looks at any item. The same as
shared/aws/expressions/rules.ts.

Each function returns the problem, as a text that follows "is invalid at position 5: "; None if there is none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sluice.expressions.evaluate import order
from sluice.expressions.operand import VALUE_TYPES, Operand, PathOperand, SizeOperand, ValueOperand, type_of

_MOST_IN = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters"""

_OPERANDS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}

_ORDERED = ("S", "N", "B")
_SIZED = ("S", "B", "SS", "NS", "BS", "L", "M")


def function_problem(name: str) -> str | None:
    return None if name in _OPERANDS else f"there is no function {name}, but {', '.join(_OPERANDS)}"


def call_problem(name: str, operands: Sequence[Operand]) -> str | None:
    count = _OPERANDS[name]
    if len(operands) != count:
        return f"{name} takes {count} operand{'s' if count > 1 else ''}, got {len(operands)}"
    return _argument_problem(name, operands) or _distinct_problem(name, operands)


def _argument_problem(name: str, operands: Sequence[Operand]) -> str | None:
    if name in ("attribute_exists", "attribute_not_exists"):
        return None if isinstance(operands[0], PathOperand) else f"{name} takes a document path"
    if name == "attribute_type":
        return _type_name_problem(operands[1])
    if name == "begins_with":
        return _type_problem(name, operands, ("S", "B"))
    return _type_problem(name, operands, _SIZED) if name == "size" else None


def _type_name_problem(operand: Operand) -> str | None:
    name = operand.value.get("S") if isinstance(operand, ValueOperand) else None
    if name is None:
        return "attribute_type takes a :value that is the name of a type, such as S"
    return None if name in VALUE_TYPES else f"there is no type {json.dumps(name, ensure_ascii=False)}"


def compare_problem(by: str, operands: Sequence[Operand]) -> str | None:
    types = None if by in ("=", "<>") else _type_problem(by, operands, _ORDERED)
    return types or _distinct_problem(by, operands)


def between_problem(operands: Sequence[Operand]) -> str | None:
    return (
        _type_problem("BETWEEN", operands, _ORDERED)
        or _distinct_problem("BETWEEN", operands)
        or _bounds_problem(*operands[1:])
    )


def _bounds_problem(low: Operand, high: Operand) -> str | None:
    if not isinstance(low, ValueOperand) or not isinstance(high, ValueOperand):
        return None
    found = order(low.value, high.value)
    if found is None:
        return "the bounds of BETWEEN must be of the same type"
    return "the lower bound of BETWEEN must not be above the upper bound" if found > 0 else None


def in_problem(operands: Sequence[Operand]) -> str | None:
    if len(operands) - 1 > _MOST_IN:
        return f"IN takes at most {_MOST_IN} operands, got {len(operands) - 1}"
    return _distinct_problem("IN", operands)


def _type_problem(name: str, operands: Sequence[Operand], allowed: Sequence[str]) -> str | None:
    known = (_known_type(operand) for operand in operands)
    wrong = next((kind for kind in known if kind is not None and kind not in allowed), None)
    return wrong and f"{name} takes operands of the types {', '.join(allowed)}, got {wrong}"


def _known_type(operand: Operand) -> str | None:
    """The operand's type, if it is the same in every item; None if it depends on the item."""
    if isinstance(operand, ValueOperand):
        return type_of(operand.value)
    return "N" if isinstance(operand, SizeOperand) else None


def _distinct_problem(name: str, operands: Sequence[Operand]) -> str | None:
    first, *others = operands
    same = isinstance(first, PathOperand) and any(isinstance(each, PathOperand) and each == first for each in others)
    return f"{name} must not compare a path with itself" if same else None
