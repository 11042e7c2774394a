"""A client that answers from a function, for answers that DynamoDB Local never gives, and retries without a wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from sluice.aws.transient import is_transient


class Sent(NamedTuple):
    operation: str
    input: dict[str, Any]


class StubClient:
    """`answer` gets a request and its number, and returns the output or raises. One request is answered at a time."""

    def __init__(self, answer: Callable[[Sent, int], dict[str, Any]]) -> None:
        self.sent: list[Sent] = []
        self._answer = answer
        self._answering = threading.Lock()

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        operation = "".join(part.capitalize() for part in method.split("_"))

        def send(**given: Any) -> dict[str, Any]:
            with self._answering:
                self.sent.append(Sent(operation, given))
                return self._answer(self.sent[-1], len(self.sent) - 1)

        return send


def exception(code: str, message: str | None = None, status: int = 400, **more: Any) -> ClientError:
    response = {
        "Error": {"Code": code, "Message": code if message is None else message},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **more,
    }
    return ClientError(response, "Operation")


def retrying(passed: list[Exception] | None = None) -> Callable[[Callable[[], Any]], Any]:
    """Repeats at once, and records the passing errors."""

    def retry(call: Callable[[], Any]) -> Any:
        while True:
            try:
                return call()
            except ClientError as error:
                if not is_transient(error):
                    raise
                if passed is not None:
                    passed.append(error)

    return retry
