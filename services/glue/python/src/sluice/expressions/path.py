"""Document paths: `Address.Lines[0]` is `("Address", "Lines", 0)`. The same as shared/aws/expressions/path.ts."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import TypeAlias

from sluice.aws.item import AttributeValue, Item

Path: TypeAlias = tuple[str | int, ...]
"""An attribute's name, then names of map entries and numbers of list elements, from 0. At least one part."""

Get: TypeAlias = Callable[[Item], AttributeValue | None]
"""The value at a path of an item; None if there is none."""


def getter(path: Path) -> Get:
    """A function that returns the value at a path."""
    if len(path) == 1:
        # The fastest way in Python. Nearly all paths are attributes.
        return methodcaller("get", path[0])
    return lambda item: _inside(item.get(str(path[0])), path[1:])


def _inside(value: AttributeValue | None, path: Path) -> AttributeValue | None:
    for part in path:
        if value is None:
            return None
        if isinstance(part, int):
            elements = value.get("L", ())
            value = elements[part] if part < len(elements) else None
        else:
            value = value.get("M", {}).get(part)
    return value


def path_text(path: Path) -> str:
    """A path, spelled as in expressions."""
    return str(path[0]) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[1:])
