"""The error that callers can tell apart by a code, as in shared/errors.ts."""

from __future__ import annotations

from typing import Any


class SluiceError(Exception):
    """An error with a code.

    `code` stays the same from version to version, `value` is what was wrong or when to try again, and `retryable` says
    whether the same call may succeed later.
    """

    def __init__(self, code: str, message: str, *, value: Any = None, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.value = value
        self.retryable = retryable
