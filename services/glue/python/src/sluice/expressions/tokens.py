"""Splits an expression's text into tokens. The same as shared/aws/expressions/tokens.ts."""

from __future__ import annotations

import re
from typing import NamedTuple


class Token(NamedTuple):
    kind: str
    """`word`: an attribute's name, a function's or a keyword. `name`: `#name`. `value`: `:value`. `index`: of a list.
    `sign`, `end`, and `other`: characters that no expression has."""
    text: str
    start: int
    """Its position in the text, from 0."""


_TOKEN = re.compile(
    r"[ \t\r\n]*(?:"
    r"(?P<word>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<name>#[A-Za-z0-9_]+)"
    r"|(?P<value>:[A-Za-z0-9_]+)"
    r"|(?P<index>0|[1-9][0-9]*)"
    r"|(?P<sign><>|<=|>=|[=<>().,[\]])"
    r"|(?P<other>[^ \t\r\n])"
    r"|(?P<end>\Z))"
)


def tokens_of(text: str) -> list[Token]:
    """All of them. The last is the end."""
    return [Token(kind, match[kind], match.start(kind)) for match in _TOKEN.finditer(text) if (kind := match.lastgroup)]
