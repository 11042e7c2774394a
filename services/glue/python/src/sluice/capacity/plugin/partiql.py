"""Reads as much of a PartiQL statement as metering needs: which table or index it uses, and whether it reads or writes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sluice.capacity.metering import Direction

Verb = Literal["select", "insert", "update", "delete", "exists"]


@dataclass(frozen=True)
class Statement:
    verb: Verb
    direction: Direction
    table: str
    """Name or ARN."""
    index: str | None


@dataclass(frozen=True)
class _Token:
    kind: Literal["word", "quoted", "other"]
    text: str


_SPACE = r"[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"
"""What `\\s` is in JavaScript; Python counts other characters."""
_TOKEN = re.compile(
    rf"""(?:{_SPACE}+|--[^\n]*|/\*[\s\S]*?\*/)|"((?:[^"]|"")*)"|('(?:[^']|'')*')|([A-Za-z_$][A-Za-z0-9_$]*)|([\s\S])"""
)
"""Spaces and comments; "quoted name"; 'text'; a word; any other character."""


@lru_cache(maxsize=100)
def parse_statement(text: str) -> Statement | None:
    """None: a form that this module does not know.

    It keeps the statements that it read lately: those of a batch usually have the same text, because their values are
    separate.
    """
    tokens = _tokens_of(text)
    first = next(tokens, None)
    while _is_other(first, "("):
        first = next(tokens, None)
    match _keyword(first):
        case "SELECT":
            _skip_to(tokens, "FROM")
            return _used("select", "read", tokens)
        case "INSERT" if _keyword(next(tokens, None)) == "INTO":
            return _used("insert", "write", tokens)
        case "UPDATE":
            return _used("update", "write", tokens)
        case "DELETE" if _keyword(next(tokens, None)) == "FROM":
            return _used("delete", "write", tokens)
        case "EXISTS":
            # Part of a transaction that writes. Like a ConditionCheck it consumes write capacity.
            _skip_to(tokens, "FROM")
            return _used("exists", "write", tokens)
    return None


def _used(verb: Verb, direction: Direction, tokens: Iterator[_Token]) -> Statement | None:
    """`table`, or `table.index`."""
    table = _name(next(tokens, None))
    if table is None:
        return None
    index = _name(next(tokens, None)) if _is_other(next(tokens, None), ".") else None
    return Statement(verb, direction, table, index)


def _tokens_of(text: str) -> Iterator[_Token]:
    for quoted, literal, word, other in (match.groups() for match in _TOKEN.finditer(text)):
        if quoted is not None:
            yield _Token("quoted", quoted.replace('""', '"'))
        elif word is not None:
            yield _Token("word", word)
        elif literal is not None or other is not None:
            yield _Token("other", literal or other)


def _skip_to(tokens: Iterator[_Token], word: str) -> None:
    """Consumes the tokens up to and including this word, or all tokens if the word doesn't occur."""
    for token in tokens:
        if _keyword(token) == word:
            return


def _keyword(token: _Token | None) -> str | None:
    return token.text.upper() if token is not None and token.kind == "word" else None


def _name(token: _Token | None) -> str | None:
    return None if token is None or token.kind == "other" else token.text


def _is_other(token: _Token | None, text: str) -> bool:
    return token is not None and token.kind == "other" and token.text == text
