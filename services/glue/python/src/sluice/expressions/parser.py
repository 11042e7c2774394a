"""Parses condition expressions by DynamoDB's grammar, and refuses what DynamoDB refuses. See
shared/aws/expressions/parser.ts.

The only exception: words that DynamoDB reserves (`Old`, `Status`, …) are names like others, because the text isn't sent
to DynamoDB. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple, NoReturn, TypeAlias

from sluice.aws.item import AttributeValue
from sluice.aws.item_size import text_bytes
from sluice.expressions import evaluate, rules
from sluice.expressions.evaluate import COMPARATORS, Holds
from sluice.expressions.operand import Operand, PathOperand, SizeOperand, ValueOperand
from sluice.expressions.path import Path
from sluice.expressions.tokens import Token, tokens_of

_MOST_BYTES = 4_096
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters"""
_MOST_OPERATORS = 300
_MOST_LEVELS = 32
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-attributes"""
_MOST_INDEX = 2**31 - 1

_KEYWORDS = {"AND", "OR", "NOT", "IN", "BETWEEN"}
_OPERAND = "an operand: a path, a :value or a function"


class Invalid(Exception):
    """Where the text is invalid, and why, as a text that follows "is invalid at position 5: "."""

    def __init__(self, start: int, reason: str) -> None:
        super().__init__(reason)
        self.start = start
        """Where, characters from 0."""
        self.reason = reason


class _Part(NamedTuple):
    """A part of a condition, its start, and whether it has its own parentheses."""

    start: int
    content: Operand | Holds
    wrapped: bool = False


Steps: TypeAlias = Generator[Any, Any, Any]
"""A routine of the parser. It yields the routine that it calls and receives what that one returns."""


def parse(text: str, names: Mapping[str, str], values: Mapping[str, AttributeValue]) -> tuple[Holds, list[Path]]:
    """The condition as a function, and every document path that it reads, once each. Raises Invalid."""
    size = text_bytes(text)
    if size > _MOST_BYTES:
        raise Invalid(0, f"an expression has at most {_MOST_BYTES} bytes, this one has {size}")
    parser = _Parser(tokens_of(text), names, values)
    return _run(parser.whole()), list(parser.paths)


def _run(routine: Steps) -> Any:
    """Runs a routine and those that it calls on a separate stack.

    Conditions may be nested more deeply than Python's stack allows by default.
    """
    stack, returned = [routine], None
    while stack:
        try:
            stack.append(stack[-1].send(returned))
            returned = None
        except StopIteration as end:
            stack.pop()
            returned = end.value
    return returned


class _Parser:
    def __init__(self, tokens: list[Token], names: Mapping[str, str], values: Mapping[str, AttributeValue]) -> None:
        self.paths: dict[Path, None] = {}
        """In the order of the text."""
        self._tokens = tokens
        self._names = names
        self._values = values
        self._next = 0
        self._operators = 0
        self._parentheses = 0

    def whole(self) -> Steps:
        holds = _clause_of((yield self._or()))
        if self._peek().kind != "end":
            self._fail("AND, OR or the end")
        return holds

    def _or(self) -> Steps:
        return self._joined("OR", evaluate.either, self._and)

    def _and(self) -> Steps:
        return self._joined("AND", evaluate.both, self._not)

    def _joined(self, keyword: str, join: Callable[[Holds, Holds], Holds], side: Callable[[], Steps]) -> Steps:
        part: _Part = yield side()
        while self._is_keyword(keyword):
            left = _clause_of(part)
            self._operator()
            right = _clause_of((yield side()))
            part = _Part(part.start, join(left, right))
        return part

    def _not(self) -> Steps:
        if not self._is_keyword("NOT"):
            return (yield self._comparison())
        start = self._operator().start
        return _Part(start, evaluate.negated(_clause_of((yield self._not()))))

    def _comparison(self) -> Steps:
        part: _Part = yield self._primary()
        kind, text, _ = self._peek()
        if kind == "sign" and text in COMPARATORS:
            return (yield self._compare(part, text))
        if self._is_keyword("BETWEEN"):
            return (yield self._between(part))
        if self._is_keyword("IN"):
            return (yield self._in(part))
        return part

    def _compare(self, left: _Part, by: str) -> Steps:
        first = _operand_of(left)
        at = self._operator()
        operands = (first, _operand_of((yield self._primary())))
        _refuse(at, rules.compare_problem(by, operands))
        return _Part(left.start, evaluate.compared(by, *operands))

    def _between(self, value: _Part) -> Steps:
        first = _operand_of(value)
        at = self._operator()
        low = _operand_of((yield self._primary()))
        if not self._is_keyword("AND"):
            self._fail("AND and the upper bound of BETWEEN")
        self._take()
        operands = (first, low, _operand_of((yield self._primary())))
        _refuse(at, rules.between_problem(operands))
        return _Part(value.start, evaluate.between(*operands))

    def _in(self, value: _Part) -> Steps:
        first = _operand_of(value)
        at = self._operator()
        self._expect("(")
        others: list[Operand] = yield self._list()
        _refuse(at, rules.in_problem([first, *others]))
        return _Part(value.start, evaluate.one_of(first, others))

    def _primary(self) -> Steps:
        at = self._peek()
        if at.text == "(":
            return (yield self._parenthesized())
        if at.kind == "value":
            return _Part(at.start, self._value())
        if at.kind == "word" and not _is_keyword(at) and self._tokens[self._next + 1].text == "(":
            return (yield self._call())
        return _Part(at.start, PathOperand(self._path()))

    def _parenthesized(self) -> Steps:
        at = self._take()
        # Each pair of parentheses that isn't redundant needs its own operator or operand: more can't be right.
        self._parentheses += 1
        if self._parentheses > 2 * _MOST_OPERATORS:
            raise Invalid(at.start, "too many parentheses")
        part: _Part = yield self._or()
        self._expect(")")
        if part.wrapped:
            raise Invalid(at.start, "these parentheses are redundant, which DynamoDB refuses")
        self._parentheses -= 1
        return _Part(at.start, part.content, wrapped=True)

    def _call(self) -> Steps:
        at = self._operator()
        _refuse(at, rules.function_problem(at.text))
        self._expect("(")
        operands: list[Operand] = yield self._list()
        _refuse(at, rules.call_problem(at.text, operands))
        if at.text == "size":
            return _Part(at.start, SizeOperand(operands[0]))
        return _Part(at.start, evaluate.called(at.text, operands))

    def _list(self) -> Steps:
        """Operands up to the closing parenthesis."""
        operands = [_operand_of((yield self._primary()))]
        while self._peek().text == ",":
            self._take()
            operands.append(_operand_of((yield self._primary())))
        if self._peek().text != ")":
            self._fail('"," or ")"')
        self._take()
        return operands

    def _value(self) -> ValueOperand:
        _, text, start = self._take()
        if text not in self._values:
            raise Invalid(start, f"the value {text} isn't defined")
        return ValueOperand(self._values[text])

    def _path(self) -> Path:
        start = self._peek().start
        path: list[str | int] = [self._name(_OPERAND)]
        while (text := self._peek().text) in (".", "["):
            self._take()
            path.append(self._name("a name") if text == "." else self._index())
        if len(path) > _MOST_LEVELS:
            raise Invalid(start, f"a path has at most {_MOST_LEVELS} levels")
        self.paths[tuple(path)] = None
        return tuple(path)

    def _name(self, expected: str) -> str:
        token = self._peek()
        if token.kind == "name":
            return self._placeholder(self._take())
        if token.kind != "word" or _is_keyword(token):
            self._fail(expected)
        return self._take().text

    def _placeholder(self, token: Token) -> str:
        _, text, start = token
        if text not in self._names:
            raise Invalid(start, f"the name {text} isn't defined")
        if self._names[text] == "":
            raise Invalid(start, f"the name {text} stands for an empty name")
        return self._names[text]

    def _index(self) -> int:
        kind, text, start = self._peek()
        if kind != "index":
            self._fail("the number of a list's element")
        if int(text) > _MOST_INDEX:
            raise Invalid(start, f"an element's number is at most {_MOST_INDEX}")
        self._take()
        self._expect("]")
        return int(text)

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _operator(self) -> Token:
        """Takes a token that DynamoDB counts as an operator."""
        token = self._take()
        self._operators += 1
        if self._operators > _MOST_OPERATORS:
            raise Invalid(token.start, f"an expression has at most {_MOST_OPERATORS} operators and functions")
        return token

    def _is_keyword(self, keyword: str) -> bool:
        kind, text, _ = self._peek()
        return kind == "word" and text.upper() == keyword

    def _expect(self, sign: str) -> None:
        if self._peek().text != sign:
            self._fail(f'"{sign}"')
        self._take()

    def _fail(self, expected: str) -> NoReturn:
        kind, text, start = self._peek()
        found = "the end" if kind == "end" else json.dumps(text, ensure_ascii=False)
        raise Invalid(start, f"expected {expected}, found {found}")


def _is_keyword(token: Token) -> bool:
    return token.text.upper() in _KEYWORDS


def _clause_of(part: _Part) -> Holds:
    if isinstance(part.content, SizeOperand):
        raise Invalid(part.start, "size is no condition; compare it with a value")
    if isinstance(part.content, PathOperand | ValueOperand):
        raise Invalid(part.start, "expected a condition, found an operand that nothing compares")
    return part.content


def _operand_of(part: _Part) -> Operand:
    if isinstance(part.content, PathOperand | ValueOperand | SizeOperand):
        return part.content
    raise Invalid(part.start, "expected an operand, found a condition; it can't be compared or passed on")


def _refuse(at: Token, problem: str | None) -> None:
    if problem is not None:
        raise Invalid(at.start, problem)
