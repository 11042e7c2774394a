"""The content of an error of boto3."""

from __future__ import annotations

from botocore.exceptions import ClientError


def code_of(error: BaseException) -> str | None:
    """The service's code, such as `NoSuchKey`; None if no service has answered with the error."""
    return str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else None


def message_of(error: BaseException) -> str:
    """The service's own message, without boto3's prefix."""
    return str(error.response["Error"].get("Message", "")) if isinstance(error, ClientError) else str(error)


def status_of(error: BaseException) -> int | None:
    """The HTTP status; None if no service has answered with the error."""
    if not isinstance(error, ClientError):
        return None
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return None if status is None else int(status)
