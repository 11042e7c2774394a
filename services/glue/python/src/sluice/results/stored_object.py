"""Objects of results in S3: put, read back, removed. The same as shared/results/storedObject.ts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from botocore.exceptions import ClientError

from sluice.aws.client_error import status_of
from sluice.errors import SluiceError


class ResultsStore(Protocol):
    """Where results are put, and how calls to it are repeated. The tools of an operation are one."""

    @property
    def s3(self) -> Any: ...

    @property
    def bucket(self) -> str: ...

    @property
    def retry(self) -> Callable[[Callable[[], Any]], Any]: ...


def put_object(store: ResultsStore, key: str, body: bytes, content_type: str) -> str:
    """Puts the whole object; returns its ETag, without quotes, once it is durable."""
    request = {"Bucket": store.bucket, "Key": key, "Body": body, "ContentType": content_type}
    output = store.retry(lambda: store.s3.put_object(**request))
    return str(output["ETag"]).replace('"', "")


def read_range(store: ResultsStore, key: str, begin: int, length: int) -> bytes | None:
    """Reads this many bytes of an object, or fewer if it ends before.

    None: the object is missing or ends before `begin`.
    """
    where = {"Bucket": store.bucket, "Key": key, "Range": f"bytes={begin}-{begin + length - 1}"}
    try:
        found: bytes = store.retry(lambda: store.s3.get_object(**where)["Body"].read())
        return found
    except ClientError as error:
        if status_of(error) in (404, 416):
            return None
        raise


def remove_object(store: ResultsStore, key: str) -> None:
    """Removes the object if there is one."""
    store.retry(lambda: store.s3.delete_object(Bucket=store.bucket, Key=key))


def changed(key: str) -> SluiceError:
    message = f"Object {key} must be as this job has put it, but somebody else has changed or removed it."
    return SluiceError("EXPORT_OBJECT_CHANGED", message, value=key)
