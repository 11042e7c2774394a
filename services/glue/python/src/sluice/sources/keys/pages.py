"""Reads a list of keys: the keys themselves, or the items that they name. The same as shared/sources/keys/keyPages.ts.

A line that is not a key of the table is returned as `unreadable`, and a key without an item as `missing`. If a page has
a key twice, the key is returned once.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from sluice.aws.item import Item, Json
from sluice.aws.objects.line_splitter import Line
from sluice.aws.read_responses import read_fast
from sluice.sources.keys.key_cost import KeyCost
from sluice.sources.keys.key_line import key_line
from sluice.sources.keys.key_parts import folder_parts, object_parts, objects_of
from sluice.sources.keys.key_value import key_name
from sluice.sources.keys.read_items import ReadItems, read_items
from sluice.sources.line_pages import LinePages, line_cursor, page_lines
from sluice.sources.source import SourcePage, SourceTools, UnitOfSource, UnreadableLine

SHOWN = 200
"""Characters of an unreadable line that are returned."""
SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""White space as JavaScript trims it."""


class KeyPages:
    def __init__(self, unit: UnitOfSource, tools: SourceTools) -> None:
        self._unit, self._tools = unit, tools
        if unit.spec["readItems"]:
            read_fast(tools.dynamodb)
        self._cost = KeyCost(tools.budget, unit.spec["consistentRead"], unit.average_bytes)
        self._pages: LinePages | None = None

    def read(self, cursor: Json) -> SourcePage:
        """The page at a line and byte of one of the unit's parts, `{"part": …, "line": …, "byte": …}`.

        Raises SluiceError OBJECT_DAMAGED, OBJECT_REPLACED, LIST_CHANGED.
        """
        pages = self._pages = self._pages or self._open()
        page = pages.page(line_cursor(cursor), self._most())
        read = _keys_in(page.lines, self._unit.spec)
        found = self._items_of(read.keys)
        return SourcePage(
            items=found.items,
            scanned_items=page.scanned_items - read.blank,
            scanned_bytes=page.scanned_bytes,
            cursor=None if page.cursor is None else dict(page.cursor._asdict()),
            rcu=found.rcu,
            missing=found.missing,
            unreadable=read.unreadable,
        )

    def close(self) -> None:
        if self._pages is not None:
            self._pages.close()

    def _open(self) -> LinePages:
        spec, unit, units, tools = self._unit.spec, self._unit.unit, self._unit.units, self._tools
        bucket, keys = spec["bucket"], spec["list"]
        if keys["form"] == "object":
            parts = object_parts(bucket, keys, unit, units)
        else:
            parts = folder_parts(bucket, tools.retry(lambda: objects_of(tools.s3, bucket, keys)), unit, units)
        return LinePages(unit, parts, tools.s3, tools.retry, sample=spec.get("sample"))

    def _most(self) -> int:
        lines = page_lines(self._tools.budget)
        return min(lines, self._cost.page()) if self._unit.spec["readItems"] else lines

    def _items_of(self, keys: Sequence[Item]) -> ReadItems:
        spec, tools = self._unit.spec, self._tools
        if not spec["readItems"]:
            return ReadItems(keys, (), 0)
        read = read_items(keys, spec, tools.dynamodb, tools.retry, self._cost.batch())
        self._cost.observe(len(keys), read.rcu)
        return read


class _Keys(NamedTuple):
    keys: Sequence[Item]
    unreadable: Sequence[UnreadableLine]
    blank: int
    """Lines with only white space."""


def _keys_in(lines: Sequence[Line], spec: Mapping[str, Any]) -> _Keys:
    columns = spec["list"].get("columns")
    keys: dict[Hashable, Item] = {}
    unreadable: list[UnreadableLine] = []
    blank = 0
    for line in lines:
        if line.text.strip(SPACE) == "":
            blank += 1
            continue
        read = "The line is too long for a key." if line.cut else key_line(line.text, spec["keys"], columns)
        if isinstance(read, str):
            unreadable.append(UnreadableLine(line.text[:SHOWN], read))
        else:
            keys[key_name(read, spec["keys"])] = read
    return _Keys(list(keys.values()), unreadable, blank)
