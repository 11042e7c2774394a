"""Conditional writes as PartiQL statements with parameters. The same as shared/writing/statements.ts.

    UPDATE "orders" SET "GSISK"=? REMOVE "Old" WHERE "pk"=? AND "sk"=? AND "Status"=? AND "GSISK" IS MISSING
    DELETE FROM "orders" WHERE "pk"=? AND "sk"=? AND "Status"=? RETURNING ALL OLD *

An UPDATE fails its condition if there is no item. A DELETE doesn't, even with conditions: it succeeds, and only the
item that it returns shows that there was one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sluice.aws.item import AttributeValue, Item
from sluice.expressions.path import Path
from sluice.writing.conditional_write import ConditionalWrite, Delete, Put, Seen, Update


class WriteStatement(NamedTuple):
    text: str
    parameters: list[AttributeValue]
    """One for each question mark."""
    deletes: bool
    """True if it succeeds although there is no item."""


_LONGEST = 8_192
"""Longest statement, characters; counted here as bytes, which are never fewer.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementRequest.html
"""


def statement_of(table: str, write: ConditionalWrite) -> WriteStatement | None:
    """The write as a statement; None: no statement can express it.

    No statement can express a `Put`, an update that changes nothing, a name that starts with `#` or `:`, or a write
    whose statement would be too long.
    """
    key, change, seen = write.key, write.change, write.seen
    parameters: list[AttributeValue] = []
    if isinstance(change, Put):
        return None
    if isinstance(change, Delete):
        names: list[str] = [*key]
        text = f"DELETE FROM {_quote(table)}{_where(key, seen, parameters)} RETURNING ALL OLD *"
    else:
        if not change.set and not change.remove:
            return None
        names = [*key, *change.set, *change.remove]
        text = f"UPDATE {_quote(table)}{_changes(change, parameters)}{_where(key, seen, parameters)}"
    if len(text.encode()) > _LONGEST or not _are_sayable(names, seen):
        return None
    return WriteStatement(text, parameters, isinstance(change, Delete))


def _changes(change: Update, parameters: list[AttributeValue]) -> str:
    parameters.extend(change.set.values())
    sets = "".join([f" SET {_quote(name)}=?" for name in change.set])
    return sets + "".join([f" REMOVE {_quote(name)}" for name in change.remove])


def _where(key: Item, seen: Sequence[Seen], parameters: list[AttributeValue]) -> str:
    parameters.extend(key.values())
    conditions = [f"{_quote(name)}=?" for name in key]
    for path, value in seen:
        if value is None:
            conditions.append(f"{_quote_path(path)} IS MISSING")
        else:
            parameters.append(value)
            conditions.append(f"{_quote_path(path)}=?")
    return " WHERE " + " AND ".join(conditions)


def _are_sayable(names: Iterable[str], seen: Sequence[Seen]) -> bool:
    return all(map(_is_sayable, names)) and all(_is_sayable(part) for path, _ in seen for part in path)


def _is_sayable(name: str | int) -> bool:
    """DynamoDB takes names with these signs for placeholders, even in quotes."""
    return isinstance(name, int) or not name.startswith(("#", ":"))


def _quote_path(path: Path) -> str:
    """`"a"."b"[0]`. A dot within quotes is part of the name."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{_quote(part)}" for part in path[1:]]
    return _quote(str(path[0])) + "".join(parts)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
