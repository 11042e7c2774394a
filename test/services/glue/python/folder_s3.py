"""An S3 client backed by a folder, with the calls that sources and results need, and with faults that a real server
can't have."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from urllib3.exceptions import ProtocolError

RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class FolderS3:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.gets: list[dict[str, Any]] = []
        """The requests for objects, in order."""
        self.breaks: list[int] = []
        """For the next responses, one number each: the connection breaks after so many bytes."""

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str = "") -> dict[str, Any]:
        path = self._path(Bucket, Key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)
        return {"ETag": _etag(Body)}

    def get_object(
        self, *, Bucket: str, Key: str, Range: str | None = None, IfMatch: str | None = None
    ) -> dict[str, Any]:
        self.gets.append({"Key": Key, "Range": Range, "IfMatch": IfMatch})
        path = self._path(Bucket, Key)
        if not path.exists():
            raise error("NoSuchKey", 404)
        content = path.read_bytes()
        if IfMatch is not None and IfMatch != _etag(content):
            raise error("PreconditionFailed", 412)
        part = _part(content, Range)
        broken = self.breaks.pop(0) if self.breaks else None
        raw = io.BytesIO(part) if broken is None else _Broken(part[:broken])
        return {"Body": StreamingBody(raw, len(part)), "ETag": _etag(content), "ContentLength": len(part)}

    def delete_object(self, *, Bucket: str, Key: str) -> None:
        self._path(Bucket, Key).unlink(missing_ok=True)

    def get_paginator(self, operation: str) -> FolderS3:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:
        """One object per page, so code that reads only one page fails its test."""
        for key in self.keys(Bucket):
            if key.startswith(Prefix):
                yield {"Contents": [{"Key": key, "ETag": _etag(self.content(Bucket, key))}]}
        yield {}

    def keys(self, bucket: str) -> list[str]:
        return sorted(unquote(path.name) for path in (self._folder / bucket).glob("*"))

    def content(self, bucket: str, key: str) -> bytes:
        return self._path(bucket, key).read_bytes()

    def _path(self, bucket: str, key: str) -> Path:
        return self._folder / bucket / quote(key, safe="")


class _Broken(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        if content == b"":
            raise ProtocolError("Connection broken")
        return content


def error(code: str, status: int, operation: str = "GetObject") -> ClientError:
    response = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)  # type: ignore[arg-type]


def _part(content: bytes, wanted: str | None) -> bytes:
    if wanted is None:
        return content
    found = RANGE.fullmatch(wanted)
    assert found
    begin, end = int(found[1]), int(found[2] or len(content))
    if begin >= len(content):
        raise error("InvalidRange", 416)
    return content[begin : end + 1]


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'
