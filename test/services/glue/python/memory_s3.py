"""S3 with objects in memory, as far as operations use it."""

from __future__ import annotations

import gzip
from io import BytesIO
from typing import Any

from stub_client import exception


class MemoryS3:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.failing: Exception | None = None
        """What every call fails with."""

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:
        self._fail()
        self.objects[Key] = Body
        return {"ETag": '"tag"'}

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:
        self._fail()
        if Key not in self.objects:
            raise exception("NoSuchKey", status=404)
        return {"Body": BytesIO(self.objects[Key])}

    def delete_object(self, *, Key: str, **_: Any) -> dict[str, Any]:
        self._fail()
        self.objects.pop(Key, None)
        return {}

    def lines(self, key: str) -> list[str]:
        """Of an object of lines, packed."""
        return gzip.decompress(self.objects[key]).decode().splitlines()

    def _fail(self) -> None:
        if self.failing is not None:
            raise self.failing
