"""How a list of keys is split into units. The part of shared/sources/keys/keyParts.ts that workers need."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sluice.aws.objects.kept import Kept
from sluice.aws.objects.line_splitter import LinePosition
from sluice.aws.objects.object_bytes import StoredObject
from sluice.errors import SluiceError
from sluice.sources.line_pages import LinePart

LINES = re.compile(r"\.jsonl?(\.gz)?\Z")
"""Endings of JSON Lines files: Spark writes the shorter one."""
MANIFEST = re.compile(r"(\A|/)manifest\.json\Z")


@dataclass(frozen=True)
class ListedObject:
    key: str
    etag: str
    """Without quotes."""


_kept = Kept[Sequence[ListedObject]](2)
"""The listings of the jobs that a process works on."""


def object_parts(bucket: str, spec: Mapping[str, Any], unit: int, units: int) -> list[LinePart]:
    """The parts of one unit of an object: a range of a plain one, all of a gzip one. Pure."""
    stored, begin = StoredObject(bucket, spec["key"], spec["etag"]), LinePosition(**spec["from"])
    if spec["gzip"]:
        return [LinePart(stored, gzip=True, begin=begin)] if unit == 0 else []
    here, until = (begin.byte + number * (spec["bytes"] - begin.byte) // units for number in (unit, unit + 1))
    if here == until:
        return []
    if here == begin.byte:
        return [LinePart(stored, gzip=False, begin=begin, until=until)]
    # A line belongs to the range in which it begins. The byte before the border shows whether a line begins there.
    return [LinePart(stored, gzip=False, begin=LinePosition(0, here - 1), mid_line=True, until=until)]


def folder_parts(bucket: str, objects: Sequence[ListedObject], unit: int, units: int) -> list[LinePart]:
    """The parts of one unit of a folder: some of its objects, in the order of their keys. Pure."""
    begin, end = (number * len(objects) // units for number in (unit, unit + 1))
    return [
        LinePart(StoredObject(bucket, each.key, each.etag), gzip=each.key.endswith(".gz"))
        for each in objects[begin:end]
    ]


def objects_of(s3: Any, bucket: str, spec: Mapping[str, Any]) -> Sequence[ListedObject]:
    """The objects of a folder; listed once by a process.

    Raises SluiceError LIST_CHANGED if they aren't those that the job began with.
    """
    name = json.dumps([bucket, spec["prefix"], spec["digest"]])
    return _kept.get(s3, name, lambda: _unchanged_objects(s3, bucket, spec))


def _unchanged_objects(s3: Any, bucket: str, spec: Mapping[str, Any]) -> Sequence[ListedObject]:
    objects = _listed_objects(s3, bucket, spec["prefix"])
    if "manifest" in spec:
        named = _named_objects(s3, bucket, spec["manifest"])
        objects = [each for each in objects if each.key in named]
    if digest_of(objects) == spec["digest"]:
        return objects
    where = f"s3://{bucket}/{spec['prefix']}"
    message = f"The objects below {where} must be the {spec['objects']} of the job's start, but they have changed."
    raise SluiceError("LIST_CHANGED", message, value=spec["prefix"])


def _listed_objects(s3: Any, bucket: str, prefix: str) -> list[ListedObject]:
    """The objects of JSON Lines below a prefix. All in memory: some 200 bytes each."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    listed = (each for page in pages for each in page.get("Contents", ()) if _has_lines(each["Key"]))
    return [ListedObject(each["Key"], each["ETag"].replace('"', "")) for each in listed]


def _has_lines(key: str) -> bool:
    return LINES.search(key) is not None and MANIFEST.search(key) is None


def _named_objects(s3: Any, bucket: str, manifest: str) -> frozenset[str]:
    """The objects that count, by the manifest of a list of failures.

    Other objects beside them, which attempts without a checkpoint have left, don't count.
    """
    given = _json_in(s3.get_object(Bucket=bucket, Key=manifest)["Body"].read())
    objects = given.get("objects") if isinstance(given, dict) else None
    return frozenset(objects if isinstance(objects, list) else ())


def _json_in(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def digest_of(objects: Sequence[ListedObject]) -> str:
    """Digest of their keys and ETags."""
    digest = hashlib.sha256()
    for each in objects:
        digest.update(f"{each.key}\n{each.etag}\n".encode())
    return b64encode(digest.digest()).decode()
