"""Operands of conditions, in which names and values replace their placeholders. See shared/aws/expressions/tree.ts.

Clauses have no tree here: the parser makes their functions at once.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from sluice.aws.item import AttributeValue
from sluice.expressions.path import Path

VALUE_TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"})


class PathOperand(NamedTuple):
    path: Path


class ValueOperand(NamedTuple):
    value: AttributeValue


class SizeOperand(NamedTuple):
    of: Operand


Operand: TypeAlias = PathOperand | ValueOperand | SizeOperand


def type_of(value: AttributeValue) -> str:
    """`S`, `N` and so on."""
    return next(iter(value))
