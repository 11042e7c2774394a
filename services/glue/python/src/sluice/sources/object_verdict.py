"""Judges errors of sources in S3. The same as shared/sources/objectVerdict.ts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluice.aws.client_error import code_of, message_of
from sluice.errors import SluiceError

LASTING = {"EXPORT_DAMAGED", "OBJECT_DAMAGED", "OBJECT_REPLACED", "LIST_CHANGED"}
"""Permanent errors: the object is the same for each worker."""


def object_verdict(error: BaseException, spec: Mapping[str, Any], what: str) -> str | None:
    """Why no unit of such a source can be read any more, if the error means that.

    `what` names the source in the sentence, such as `export s3://…`.
    """
    if isinstance(error, SluiceError):
        return f"The {what} is not readable: {error.message}" if error.code in LASTING else None
    sentences = {
        "NoSuchBucket": f"Bucket {spec['bucket']} no longer exists.",
        "NoSuchKey": f"An object of {what} no longer exists.",
        "AccessDenied": f"The {what} may not be read: {message_of(error)}",
        "ResourceNotFoundException": f"Table {spec['table']} no longer exists.",
        "AccessDeniedException": f"Table {spec['table']} may not be read: {message_of(error)}",
    }
    return sentences.get(code_of(error) or "")
