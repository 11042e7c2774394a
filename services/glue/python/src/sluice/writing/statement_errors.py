"""Errors of single statements within a batch. The same as shared/writing/statementErrors.ts."""

from __future__ import annotations

from typing import Literal, TypeAlias

from botocore.exceptions import ClientError

Meaning: TypeAlias = Literal["refused", "passing", "all", "rejected"]
"""The meaning of a statement's error.

`refused`: its condition failed. `passing`: transient, so the same statement may succeed later. `all`: it concerns every
statement. `rejected`: this statement is to blame.
"""

_KNOWN: dict[str, tuple[Meaning, str]] = {
    "ConditionalCheckFailed": ("refused", "ConditionalCheckFailedException"),
    "ProvisionedThroughputExceeded": ("passing", "ProvisionedThroughputExceededException"),
    "ThrottlingError": ("passing", "ThrottlingException"),
    "RequestLimitExceeded": ("passing", "RequestLimitExceeded"),
    "TransactionConflict": ("passing", "TransactionConflictException"),
    "InternalServerError": ("passing", "InternalServerError"),
    "AccessDenied": ("all", "AccessDeniedException"),
    "ResourceNotFound": ("all", "ResourceNotFoundException"),
    "ValidationError": ("rejected", "ValidationException"),
    "ItemCollectionSizeLimitExceeded": ("rejected", "ItemCollectionSizeLimitExceededException"),
}
"""The meaning of each code, and the exception with which other operations report the same error.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html
"""


def meaning_of(code: str | None) -> Meaning:
    return _KNOWN[code][0] if code in _KNOWN else "rejected"


def exception_of(code: str | None, message: str | None) -> ClientError:
    """The exception that UpdateItem would have failed with."""
    code = "Unknown" if code is None else code
    name = _KNOWN[code][1] if code in _KNOWN else code
    return ClientError(
        {
            "Error": {"Code": name, "Message": "DynamoDB gave no reason." if message is None else message},
            "ResponseMetadata": {  # type: ignore[typeddict-item]
                "HTTPStatusCode": 500 if code == "InternalServerError" else 400
            },
        },
        "BatchExecuteStatement",
    )
