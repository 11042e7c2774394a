"""Exports items to S3 as gzip JSON Lines, in the layout of DynamoDB's own exports.

    page ─► lines ─► deflated, in memory
    flush ─► put the piece that grows ─► (checkpoint)
          └► or, if the object is complete: put it ─► entry ─► remove its pieces ─► (checkpoint)

Only a unit's result counts: `objects` (complete ones), `items` (in all objects), `bytes` (of the complete ones)
and `open`, the object that pages are added to. The same as shared/operations/export/exportItems.ts, which also writes
the manifests at the job's end.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, cast

from sluice.aws.item import Json
from sluice.exports.item_lines import item_lines
from sluice.operations.operation import Page, Tools
from sluice.results.open_object import (
    EMPTY_OBJECT,
    Held,
    HeldObject,
    ObjectPlace,
    extend,
    is_full,
    put_whole,
    remove_pieces,
    store_pages,
)
from sluice.results.padded import padded
from sluice.results.stored_object import remove_object

Exported = Mapping[str, Any]

NOTHING_EXPORTED: Exported = {"objects": 0, "items": 0, "bytes": 0}


class ExportKeys:
    """The keys of a job's export. They depend on nothing but prefix, job, unit and the object's number.

    The same as shared/operations/export/keys.ts.
    """

    def __init__(self, params: Mapping[str, Any], job: str) -> None:
        prefix = params.get("exportPrefix", "").removesuffix("/")
        self._root = f"{prefix}/AWSDynamoDB/{job}/" if prefix else f"AWSDynamoDB/{job}/"

    def data(self, unit: int, number: int) -> str:
        return f"{self._root}data/{padded(unit)}-{padded(number)}.json.gz"

    def piece(self, unit: int, number: int, piece: int) -> str:
        """Pieces of an object that is not complete yet. They are removed when it is."""
        return f"{self._root}open/{padded(unit)}-{padded(number)}-{padded(piece)}"


class UnitObject(HeldObject):
    """The open object of a unit that this worker works on."""

    def __init__(self, fields: Mapping[str, Any], held: Held, place: ObjectPlace, unit: int, last: bool) -> None:
        super().__init__(fields, held)
        self.place, self.unit, self.last = place, unit, last
        """`last`: the unit ends with it."""


class Export:
    pure = False
    writes = False

    def page(self, page: Page, so_far: Json, tools: Tools) -> Json:
        exported = cast(Exported, so_far or NOTHING_EXPORTED)
        opened = exported.get("open")
        place = _place_of(page, exported["objects"])
        if not page.items and (opened is None or not page.last):
            # An attempt that met items but saved no checkpoint may have left an object or its first piece, which no
            # result mentions.
            if page.last:
                remove_object(tools, place.key)
                remove_pieces(0, place, tools)
            return cast(Json, exported)
        text = item_lines(page.items, page.params.get("format", "dynamodb-json"))
        grown = extend(opened or EMPTY_OBJECT, text, len(page.items), place, tools)
        unit_object = UnitObject(grown, grown.held, place, page.position.unit, page.last)
        return {**exported, "items": exported["items"] + len(page.items), "open": unit_object}

    def flush(self, result: Json, tools: Tools) -> Json:
        exported = cast(Exported, result)
        opened = exported.get("open")
        # An object from a checkpoint that has no page since then is durable.
        if not isinstance(opened, UnitObject):
            return result
        place, unit, last = opened.place, opened.unit, opened.last
        if last or is_full(opened):
            return _complete(exported, opened, tools)
        stored = store_pages(opened, place, tools)
        return {**exported, "open": UnitObject(stored, stored.held, place, unit, last)}

    def failures(self, result: Json) -> int:
        return 0


def _complete(exported: Exported, opened: UnitObject, tools: Tools) -> Json:
    file, etag = put_whole(opened, opened.place, tools)
    md5 = b64encode(hashlib.md5(file, usedforsecurity=False).digest()).decode()
    entry = {"items": opened["items"], "bytes": len(file), "md5": md5, "etag": etag}
    tools.entries.put(opened.unit, exported["objects"], entry)
    remove_pieces(len(opened["pieces"]), opened.place, tools)
    whole = {"objects": exported["objects"] + 1, "items": exported["items"], "bytes": exported["bytes"] + len(file)}
    return cast(Json, whole)


def _place_of(page: Page, number: int) -> ObjectPlace:
    """The key of the open object. Its number is the number of objects before it."""
    keys = ExportKeys(page.params, page.position.job)
    unit = page.position.unit
    return ObjectPlace(keys.data(unit, number), lambda piece: keys.piece(unit, number, piece))
