"""Texts made of an item's attributes: `${Status}#${Address.Lines[0]}`. The same as shared/writing/update/template.ts.

`$${` stands for `${` itself. A path takes any scalar: a string as it is, a number with DynamoDB's digits,
`true` or `false`, binary in base64, and `null` for a NULL. Names have letters, digits, _ and -; `#name` stands for any
other.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping

from sluice.aws.item import AttributeValue, Item
from sluice.errors import SluiceError
from sluice.expressions.operand import type_of
from sluice.expressions.path import Get, Path, getter, path_text

_PIECE = re.compile(r"\$\$\{|\$\{([^}]*)\}|\$\{")
_PATH = re.compile(r"(?:#\w+|[\w-]+)(?:\.(?:#\w+|[\w-]+)|\[\d{1,5}\])*", re.ASCII)
_PART = re.compile(r"#\w+|[\w-]+|\[(\d+)\]", re.ASCII)


class Template:
    def __init__(self, text: str, names: Mapping[str, str] | None = None) -> None:
        """`names`: attribute names by `#name`.

        Raises SluiceError INVALID_TEMPLATE; its message follows the option's name.
        """
        parts: list[str | Get] = []
        self.paths: list[Path] = []
        end = 0
        for match in _PIECE.finditer(text):
            parts.append(text[end : match.start()])
            end = match.end()
            if match[0] == "$${":
                parts.append("${")
            else:
                path = _path_of(match[1], text, names or {})
                self.paths.append(path)
                parts.append(getter(path))
        self._parts = [part for part in [*parts, text[end:]] if part != ""]

    def filled(self, item: Item) -> str | None:
        """The text for an item; None: an attribute is missing or not a scalar."""
        text = ""
        for part in self._parts:
            found = part if isinstance(part, str) else _scalar_text(part(item))
            if found is None:
                return None
            text += found
        return text

    def missing_in(self, item: Item) -> str:
        """Why the item has no text, as the end of a sentence."""
        path, value = next((path, value) for path in self.paths if _scalar_text(value := getter(path)(item)) is None)
        if value is None:
            return f"{path_text(path)}, which the item doesn't have"
        return f"{path_text(path)}, which is of type {type_of(value)} and not a scalar"


def _scalar_text(value: AttributeValue | None) -> str | None:
    for kind, content in (value or {}).items():
        if kind in ("S", "N"):
            return str(content)
        if kind == "BOOL":
            return "true" if content else "false"
        if kind == "B":
            return b64encode(content).decode()
        return "null" if kind == "NULL" else None
    return None


def _path_of(spelled: str | None, text: str, names: Mapping[str, str]) -> Path:
    if spelled is None:
        raise _invalid('has a "${" that no "}" closes; "$${" stands for "${" itself', text)
    if not _PATH.fullmatch(spelled):
        raise _invalid(f"must have paths such as ${{Address.Lines[0]}}, got ${{{spelled}}}", text)
    return tuple(int(match[1]) if match[1] else _name_of(match[0], text, names) for match in _PART.finditer(spelled))


def _name_of(part: str, text: str, names: Mapping[str, str]) -> str:
    if not part.startswith("#"):
        return part
    if part not in names:
        raise _invalid(f"uses the name {part}, which isn't defined in names", text)
    return names[part]


def _invalid(message: str, text: str) -> SluiceError:
    return SluiceError("INVALID_TEMPLATE", message, value=text)
