"""The lines of DynamoDB's exports, full and incremental."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sluice.aws.dynamo_json import from_json_value
from sluice.aws.item import Item
from sluice.strict_json import strict_decoder

_JSON = strict_decoder()


@dataclass(frozen=True)
class ExportedLine:
    """The content of a line."""

    item: Item
    """The item in a full export, or the new image of a written item. For a deleted item, its key."""
    deleted: bool


def exported_line(line: str) -> ExportedLine | None:
    """Reads a line: `{"Item":…}` of a full export; of an incremental one `Metadata`, `Keys`, `NewImage` if the item was
    written, and `OldImage` if it existed before and the export has both images.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html

    None: the line has neither form. The same as shared/exports/exportedLine.ts.
    """
    try:
        fields = _JSON.decode(line)
    except ValueError:
        return None
    for name in ("Item", "NewImage", "Keys"):
        item = fields.get(name) if isinstance(fields, dict) else None
        if isinstance(item, dict):
            if not _has_values(item):
                return None
            # An attribute with such a name looks like a binary value, but then there is nothing to decode.
            return ExportedLine(from_json_value(item) if '"B' in line else item, name == "Keys")
    return None


def _is_text(content: Any) -> bool:
    return isinstance(content, str)


def _are_texts(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(element, str) for element in content)


def _has_values(content: Any) -> bool:
    """Whether an object's values are attribute values in DynamoDB JSON."""
    return isinstance(content, dict) and all(_is_value(value) for value in content.values())


def _is_value(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    [(kind, content)] = value.items()
    return kind in _FORMS and _FORMS[kind](content)


_FORMS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(["S", "N", "B"], _is_text),
    **dict.fromkeys(["SS", "NS", "BS"], _are_texts),
    "BOOL": lambda content: isinstance(content, bool),
    "NULL": lambda content: content is True,
    "L": lambda content: isinstance(content, list) and all(_is_value(element) for element in content),
    "M": _has_values,
}
"""Whether a content has the form of its type. Whether it is in bounds, DynamoDB judges."""
