"""Document paths: `Address.Lines[0]` is `("Address", "Lines", 0)`. The same as shared/aws/expressions/path.ts."""

from __future__ import annotations

from typing import TypeAlias

from sluice.aws.item import AttributeValue, Item

Path: TypeAlias = tuple[str | int, ...]
"""An attribute's name, then names of map entries and numbers of list elements, from 0. At least one part."""


def value_at(item: Item, path: Path) -> AttributeValue | None:
    """The value at a path; None: there is none."""
    value = item.get(path[0])  # type: ignore[call-overload]
    for part in path[1:]:
        if value is None:
            return None
        if isinstance(part, int):
            elements = value.get("L", ())
            value = elements[part] if part < len(elements) else None
        else:
            value = value.get("M", {}).get(part)
    return value  # type: ignore[no-any-return]


def path_text(path: Path) -> str:
    """A path as expressions spell it."""
    return str(path[0]) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[1:])
