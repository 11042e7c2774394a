"""Reads an export: a unit is one data file, streamed. The same as shared/sources/export/exportFiles.ts.

Items come before the file's checksum is known; it is compared at the file's end, on the last page.

An incremental export has one line for each item that changed. Items that were written come as their new image. Deleted
items come as `missing`, because no operation processes them: an item with the same key that was created later isn't the
one in the export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sluice.aws.item import Item, Json
from sluice.aws.objects.line_file import LineFile
from sluice.aws.objects.line_splitter import Line
from sluice.aws.objects.object_bytes import StoredObject
from sluice.errors import SluiceError
from sluice.exports.exported_line import exported_line
from sluice.exports.file_list import file_list_of
from sluice.sources.line_pages import LinePages, LinePart, line_cursor, page_lines
from sluice.sources.source import SourcePage, SourceTools, UnitOfSource


class ExportFiles:
    def __init__(self, unit: UnitOfSource, tools: SourceTools) -> None:
        self._unit, self._tools = unit, tools
        self._file: Mapping[str, Any] = {}
        self._pages: LinePages | None = None

    def read(self, cursor: Json) -> SourcePage:
        """The page at a line and byte of the decompressed file, `{"line": …, "byte": …}`, both from 0.

        Raises SluiceError EXPORT_DAMAGED, OBJECT_REPLACED.
        """
        if self._unit.spec["files"] == 0:
            return SourcePage(items=[], scanned_items=0, scanned_bytes=0, cursor=None, rcu=0)
        pages = self._pages = self._pages or self._open()
        key = self._file["dataFileS3Key"]
        try:
            page = pages.page(line_cursor(cursor), page_lines(self._tools.budget))
        except SluiceError as error:
            if error.code == "OBJECT_DAMAGED":
                raise SluiceError("EXPORT_DAMAGED", error.message, value=key) from error
            raise
        items, missing = _items_of(page.lines, key)
        after = page.cursor
        return SourcePage(
            items=items,
            scanned_items=page.scanned_items,
            scanned_bytes=page.scanned_bytes,
            cursor=None if after is None else {"line": after.line, "byte": after.byte},
            rcu=0,
            missing=missing,
        )

    def close(self) -> None:
        if self._pages is not None:
            self._pages.close()

    def _open(self) -> LinePages:
        spec, tools = self._unit.spec, self._tools
        self._file = tools.retry(lambda: file_list_of(tools.s3, spec)).file(self._unit.unit)
        # In a copy of an export, the files' ETags differ from those in the list.
        etag = None if spec["copied"] else self._file["etag"].replace('"', "")
        part = LinePart(StoredObject(spec["bucket"], self._file["dataFileS3Key"], etag), gzip=True)
        sample = spec.get("sample")
        return LinePages(self._unit.unit, [part], tools.s3, tools.retry, sample=sample, on_end=self._check)

    def _check(self, _part: int, read: LineFile) -> None:
        """Compares the whole file with its entry in the manifest."""
        key, md5, count = (self._file[name] for name in ("dataFileS3Key", "md5Checksum", "itemCount"))
        if read.md5 != md5:
            raise damaged(key, "md5Checksum", md5, read.md5)
        if read.position.line != count:
            raise damaged(key, "itemCount", count, read.position.line)


def _items_of(lines: Sequence[Line], key: str) -> tuple[list[Item], list[Item]]:
    items: list[Item] = []
    missing: list[Item] = []
    for line in lines:
        read = None if line.cut else exported_line(line.text)
        if read is None:
            raise damaged(key, f"Line {line.position.line + 1}", "an item in DynamoDB JSON", "something else")
        (missing if read.deleted else items).append(read.item)
    return items, missing


def damaged(key: str, what: str, expected: object, got: object) -> SluiceError:
    return SluiceError("EXPORT_DAMAGED", f"{what} of {key} must be {expected}, got {got}.", value=key)
