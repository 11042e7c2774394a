"""The list of an export's data files, manifest-files.json: one line a file. The same as shared/exports/fileList.ts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from sluice.aws.client_error import status_of
from sluice.aws.objects.kept import Kept
from sluice.aws.objects.object_bytes import StoredObject, replaced


class FileList:
    """Keeps the text and parses single lines of it: 230 bytes per file, and there may be 100,000 files."""

    def __init__(self, text: bytes) -> None:
        self._lines = [line for line in text.split(b"\n") if line]

    def file(self, number: int) -> Mapping[str, Any]:
        """A file by its number, from 0: `itemCount`, `md5Checksum`, `etag`, `dataFileS3Key`."""
        file: Mapping[str, Any] = json.loads(self._lines[number])
        return file


_kept = Kept[FileList](2)
"""The listings of the jobs that a process works on."""


def file_list_of(s3: Any, spec: Mapping[str, Any]) -> FileList:
    """The list; read once by a process, for as long as it works on few exports.

    Raises the client's error, and SluiceError OBJECT_REPLACED.
    """
    stored = StoredObject(spec["bucket"], spec["list"], spec["listEtag"])
    return _kept.get(s3, repr(stored), lambda: _read(s3, stored))


def _read(s3: Any, stored: StoredObject) -> FileList:
    try:
        output = s3.get_object(Bucket=stored.bucket, Key=stored.key, IfMatch=f'"{stored.etag}"')
    except ClientError as error:
        if status_of(error) == 412:
            raise replaced(stored) from error
        raise
    return FileList(output["Body"].read())
