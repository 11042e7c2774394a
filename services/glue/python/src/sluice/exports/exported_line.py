"""The lines of DynamoDB's exports, full and incremental."""

from __future__ import annotations

from dataclasses import dataclass

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
            if not all(isinstance(value, dict) for value in item.values()):
                return None
            # An attribute with such a name looks like a binary value, but then there is nothing to decode.
            return ExportedLine(from_json_value(item) if '"B' in line else item, name == "Keys")
    return None
