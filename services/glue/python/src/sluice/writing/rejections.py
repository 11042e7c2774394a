"""Errors that are the fault of one write. The same as shared/writing/rejections.ts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeGuard, TypeVar

from botocore.exceptions import ClientError

from sluice.aws.client_error import code_of, message_of, status_of
from sluice.writing.conditional_write import Failed

T = TypeVar("T")

_REJECTIONS = {"ValidationException", "ItemCollectionSizeLimitExceededException"}
"""The same write would be rejected again."""
_TOO_LARGE = 413
"""Too large for one request."""


def is_rejection(error: BaseException) -> TypeGuard[ClientError]:
    """Whether DynamoDB rejects the request because of its content. In a batch a single write may be to blame."""
    return code_of(error) in _REJECTIONS or status_of(error) == _TOO_LARGE


def failed_answer(error: ClientError, attempts: int) -> Failed:
    return Failed(error.response["Error"]["Code"], message_of(error), attempts)


def halving_rejected(
    batch: Sequence[T],
    work: Callable[[Sequence[T]], object],
    left: Callable[[Sequence[T]], Sequence[T]],
    reject: Callable[[T, ClientError], object],
) -> None:
    """Works on a batch. If DynamoDB rejects it, works on its halves, until the writes to blame are isolated.

    `left`: the writes of a batch that have no answer yet.
    """
    try:
        work(batch)
    except ClientError as error:
        unsettled = left(batch)
        if not is_rejection(error) or not unsettled:
            raise
        if len(unsettled) == 1:
            reject(unsettled[0], error)
            return
        middle = (len(unsettled) + 1) // 2
        for half in (unsettled[:middle], unsettled[middle:]):
            halving_rejected(half, work, left, reject)
