"""One line of CSV: fields between commas, quotes around those that contain some, quotes doubled within quotes.

https://www.rfc-editor.org/rfc/rfc4180. Unlike in the RFC, a quoted field ends on its line, because a large list is
split at any line feed.
"""

from __future__ import annotations

import re

FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",]*))(,|\Z)')


def csv_fields(line: str) -> list[str] | None:
    """The fields; None if a quote is misplaced or unbalanced. Pure."""
    text = line.removesuffix("\r")
    fields: list[str] = []
    at = 0
    while match := FIELD.match(text, at):
        quoted, plain, end = match.groups()
        fields.append(plain if quoted is None else quoted.replace('""', '"'))
        if end == "":
            return fields
        at = match.end()
    return None
