"""The error that callers distinguish by a code, as in shared/errors.ts."""

from __future__ import annotations

from functools import partial
from typing import Any


class SluiceError(Exception):
    """An error with a code.

    `code` stays the same from version to version. `value` is the rejected value, or the time to try again. `retryable`:
    the same call may succeed later.
    """

    def __init__(self, code: str, message: str, *, value: Any = None, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.value = value
        self.retryable = retryable

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(SluiceError, value=self.value, retryable=self.retryable), (self.code, self.message)


_REASON_MAX = 2_000
"""The longest reason. It is kept in a record of at most 400 KB, and a user's error may hold a whole page."""


_BARE = {"Exception", "SluiceError"}
"""Names without information, because every error has one."""


def describe_error(error: BaseException) -> str:
    """An error as the reason for a record, as in shared/describeError.ts; an error of AWS with its code."""
    # botocore's errors of connections have a response too: None.
    response: dict[str, Any] = getattr(error, "response", None) or {}
    of_aws: dict[str, str] = response.get("Error", {})
    name, message = of_aws.get("Code") or type(error).__name__, of_aws.get("Message") or str(error)
    text = message if name in _BARE and message else ": ".join(part for part in (name, message) if part)
    return f"{text[:_REASON_MAX]}…" if len(text) > _REASON_MAX else text
