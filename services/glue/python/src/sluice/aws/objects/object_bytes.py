"""Streams an object from S3. If a connection breaks, the stream continues at the same byte on a new one.

The same as shared/aws/objects/objectBytes.ts, except that a connection counts as stalled after the client's
`read_timeout`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError, ResponseStreamingError

from sluice.aws.client_error import status_of
from sluice.errors import SluiceError

Retry = Callable[[Callable[[], Any]], Any]

CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class StoredObject:
    bucket: str
    key: str
    etag: str | None = None
    """Without quotes. If the object has another ETag, it was replaced. None: the ETag at the time of opening."""


class ObjectBytes:
    def __init__(self, stored: StoredObject, s3: Any, retry: Retry, at: int = 0) -> None:
        """`at`: offset of the first byte to read. Behind the object's end there are none."""
        self._stored, self._s3, self._retry, self._at = stored, s3, retry, at
        self._etag = stored.etag
        self._size: int | None = None
        self._body: Any = None

    def next(self) -> bytes:
        """The next bytes; none behind the last.

        Raises the client's error if the object can't be read; SluiceError OBJECT_REPLACED.
        """
        if self._at == self._size:
            return b""
        chunk: bytes = self._retry(self._attempt)
        self._at += len(chunk)
        if self._at == self._size:
            self.close()
        return chunk

    def close(self) -> None:
        """Ends the connection. Safe to call twice; `next` opens it again."""
        if self._body is not None:
            self._body.close()
        self._body = None

    def _attempt(self) -> bytes:
        if self._body is None:
            self._open()
        if self._at == self._size:
            return b""
        try:
            chunk: bytes = self._body.read(CHUNK_BYTES)
        except (HTTPClientError, IncompleteReadError) as error:
            raise self._broken(str(error)) from error
        if chunk == b"":
            raise self._broken("it ended early")
        return chunk

    def _broken(self, how: str) -> ResponseStreamingError:
        """An error that counts as transient, however the connection broke."""
        self.close()
        return ResponseStreamingError(error=f"The connection that reads {self._stored.key} broke: {how}.")

    def _open(self) -> None:
        where = {"Bucket": self._stored.bucket, "Key": self._stored.key}
        if self._at > 0:
            where["Range"] = f"bytes={self._at}-"
        if self._etag is not None:
            where["IfMatch"] = f'"{self._etag}"'
        try:
            output = self._s3.get_object(**where)
        except ClientError as error:
            if status_of(error) == 412:
                raise replaced(self._stored) from error
            if status_of(error) != 416:
                raise
            self._size = self._at
            return
        self._etag = self._etag or output["ETag"].replace('"', "")
        self._size = self._at + output["ContentLength"]
        self._body = output["Body"]


def replaced(stored: StoredObject) -> SluiceError:
    """The error of a request whose ETag is not the object's."""
    etag = stored.etag or "it had when it was opened"
    where = f"s3://{stored.bucket}/{stored.key}"
    message = f"Object {where} must have the ETag {etag}, but it was replaced."
    return SluiceError("OBJECT_REPLACED", message, value=stored.key)
