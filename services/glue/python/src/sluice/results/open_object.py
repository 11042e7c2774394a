"""An object in S3 that grows page by page, over many checkpoints and workers: gzip JSON Lines.

It is put once, when it is complete. Until then its deflated pages are in pieces, which are separate objects.
shared/results/openObject.ts is the same, and explains the protocol. Workers in both languages continue each other's
objects.

The record of an open object is what a checkpoint keeps: `items`, `bytes` (of the deflated pages), `text` (sum of the
lines) and `pieces` (`bytes` and `crc32` of each). A worker's own record also holds the parts that are in memory: the
page loop passes the same record with the next page. A record from a checkpoint holds none, so its pages are read back
from S3.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sluice.results.gzip import HEADER, NO_TEXT, deflate_page, grown_sum, gzip_file
from sluice.results.stored_object import ResultsStore, changed, put_object, read_range, remove_object

MIB = 1024 * 1024


@dataclass
class ObjectSizes:
    """Sizes at which objects and pieces are complete, in bytes. Tests make them small."""

    enough: int = 64 * MIB
    """Bytes of lines from which an object is complete."""
    most: int = 16 * MIB
    """Bytes of deflated pages from which it is complete, too. This bounds memory if lines deflate badly."""
    piece: int = 4 * MIB
    """A piece of this size is not put again. Smaller ones would lengthen the record, larger ones send more bytes."""


object_sizes = ObjectSizes()

OpenObject = Mapping[str, Any]
"""The record of an open object."""

EMPTY_OBJECT: OpenObject = {"items": 0, "bytes": 0, "text": NO_TEXT, "pieces": []}


@dataclass(frozen=True)
class ObjectPlace:
    """The keys of the object and its pieces."""

    key: str
    piece_key: Callable[[int], str]


@dataclass(frozen=True)
class Held:
    """The parts of an object that a worker has in memory."""

    full: Sequence[bytes | None]
    """Full pieces. None: the piece is in S3 only."""
    growing: Sequence[bytes] = field(default=())
    """The deflated pages of the growing piece."""


class HeldObject(dict[str, Any]):
    """The record of an object whose newest pages are in memory."""

    def __init__(self, fields: OpenObject, held: Held) -> None:
        super().__init__(fields)
        self.held = held


def is_full(opened: OpenObject) -> bool:
    """Whether an object takes no further page."""
    return bool(opened["bytes"] >= object_sizes.most or opened["text"]["bytes"] >= object_sizes.enough)


def extend(opened: OpenObject, text: bytes, items: int, place: ObjectPlace, store: ResultsStore) -> HeldObject:
    """Adds lines to the object, in memory. It reads back the piece that grows if another worker began it.

    `text`: lines, each ending in a line feed; without any the worker takes up the object as it is. Raises SluiceError
    EXPORT_OBJECT_CHANGED if a piece is missing or doesn't hold the bytes that were put.
    """
    held = opened.held if isinstance(opened, HeldObject) else _take_up(opened, place, store)
    if text == b"":
        return HeldObject(opened, held)
    page = deflate_page(text)
    grown = {
        "items": opened["items"] + items,
        "bytes": opened["bytes"] + len(page),
        "text": grown_sum(opened["text"], text),
        "pieces": opened["pieces"],
    }
    return HeldObject(grown, replace(held, growing=[*held.growing, page]))


def store_pages(opened: HeldObject, place: ObjectPlace, store: ResultsStore) -> HeldObject:
    """Makes all pages durable with one put, or with none if they are durable already."""
    full, growing = opened.held.full, opened.held.growing
    if opened["bytes"] == _bytes_of(opened["pieces"]):
        return opened
    body = b"".join(growing)
    put_object(store, place.piece_key(len(full)), body, "application/octet-stream")
    pieces = [*opened["pieces"][: len(full)], {"bytes": len(body), "crc32": zlib.crc32(body)}]
    is_done = len(body) >= object_sizes.piece
    return HeldObject({**opened, "pieces": pieces}, Held([*full, body]) if is_done else Held(full, [body]))


def put_whole(opened: HeldObject, place: ObjectPlace, store: ResultsStore) -> tuple[bytes, str]:
    """Puts the whole object. Returns the file and its ETag, without quotes, once it is durable."""
    full = [
        _read_piece(opened, number, place, store) if piece is None else piece
        for number, piece in enumerate(opened.held.full)
    ]
    file = gzip_file([*full, *opened.held.growing], opened["text"])
    return file, put_object(store, place.key, file, "application/gzip")


def remove_pieces(pieces: int, place: ObjectPlace, store: ResultsStore) -> None:
    """Removes the pieces of a complete object, and one more: an attempt without a checkpoint may have put it.

    One after another: if this fails, no removal may still be under way, because the next worker puts pieces again.
    """
    for number in range(pieces + 1):
        remove_object(store, place.piece_key(number))


def _take_up(opened: OpenObject, place: ObjectPlace, store: ResultsStore) -> Held:
    pieces = opened["pieces"]
    if not pieces or pieces[-1]["bytes"] >= object_sizes.piece:
        return Held([None] * len(pieces))
    last = len(pieces) - 1
    return Held([None] * last, [_read_piece(opened, last, place, store)])


def _read_piece(opened: OpenObject, number: int, place: ObjectPlace, store: ResultsStore) -> bytes:
    """The bytes of a piece that count: from its own object or, if that was removed, from the whole object."""
    piece = opened["pieces"][number]
    key, length = place.piece_key(number), piece["bytes"]
    found = read_range(store, key, 0, length)
    if found is None:
        begin = len(HEADER) + _bytes_of(opened["pieces"][:number])
        found = read_range(store, place.key, begin, length)
    if found is None or len(found) != length or zlib.crc32(found) != piece["crc32"]:
        raise changed(key)
    return found


def _bytes_of(pieces: Sequence[Mapping[str, int]]) -> int:
    return sum(piece["bytes"] for piece in pieces)
