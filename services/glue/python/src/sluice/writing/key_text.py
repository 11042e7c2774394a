"""Keys as text, to find equal ones. See shared/writing/keyText.ts."""

from __future__ import annotations

from sluice.aws.decimals import plain_number
from sluice.aws.item import AttributeValue, Item


def key_text(key: Item) -> str:
    """The same text for the same key of a table, however its numbers are written; different texts for different
    keys."""
    return "".join([f"{len(name)}:{name}{_value_text(key[name])}" for name in sorted(key)])


def _value_text(value: AttributeValue) -> str:
    for kind, content in value.items():
        if kind == "S":
            return f"S{len(content)}:{content}"
        return f"N{plain_number(content)};" if kind == "N" else f"B{content.hex()};"
    return "B;"
