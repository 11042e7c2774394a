"""Transient errors of boto3, as in shared/aws/transient.ts, and a retry for them."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from botocore.exceptions import (
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    MetadataRetrievalError,
)

from sluice.aws.client_error import code_of, message_of, status_of
from sluice.errors import SluiceError, describe_error

T = TypeVar("T")

_THROTTLES = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_OTHERS = frozenset(
    {
        "TimeoutError",
        "RequestTimeout",
        "RequestTimeoutException",
        "ConditionalRequestConflict",  # S3: another write of the same key is in progress
        "OperationAborted",  # S3: the same, of the bucket
        "TransactionConflictException",
    }
)
_REASONS = frozenset({"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"})
"""Transient reasons for which DynamoDB cancels a transaction."""

_BROKEN = (ConnectionError, HTTPClientError, IncompleteReadError)
"""With urllib3 1, which Glue may have, an answer that was cut off is an IncompleteReadError."""
_NO_ANSWER_FOR_CREDENTIALS = (CredentialRetrievalError, MetadataRetrievalError)
"""A role's credentials are renewed every few hours, in the call that finds them expired."""

_FIRST_RETRY_MS = 50
_LONGEST_RETRY_MS = 2_000


class Retry(Protocol):
    def __call__(self, call: Callable[[], T], /) -> T: ...


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed later.

    This is so after throttles, 5xx, time-outs, broken connections, conflicting transactions, and credentials that
    weren't renewed.
    """
    if not isinstance(error, ClientError):
        return isinstance(error, (*_BROKEN, *_NO_ANSWER_FOR_CREDENTIALS))
    code = code_of(error)
    if code == "TransactionCanceledException":
        reasons = error.response.get("CancellationReasons", [])
        return any(reason.get("Code") in _REASONS for reason in reasons)
    if code == "InvalidSignatureException":
        return "Signature expired" in message_of(error)
    status = status_of(error) or 0
    return code in _THROTTLES or code in _OTHERS or status == 429 or 500 <= status <= 599


def retry_transient(call: Callable[[], T], stop: threading.Event) -> T:
    """Repeats a call that fails for a transient reason, after 50 ms, 100 ms, … 2 s with jitter, until `stop` is set.

    The only layer of retries: boto3's own are off. Raises the last error. Once `stop` was set: SluiceError OUT_OF_TIME
    (retryable), with the last error, if there was one, as its cause.
    """
    last: BaseException | None = None
    wait_ms: float = _FIRST_RETRY_MS
    while not stop.is_set():
        try:
            return call()
        except Exception as error:
            if not is_transient(error):
                raise
            last = error
        # Between one and two times the wait, like p-retry.
        stop.wait(min(_LONGEST_RETRY_MS, wait_ms * (1 + random.random())) / 1000)
        wait_ms *= 2
    what = "a call was due" if last is None else f"a call was retried that failed with {describe_error(last)}"
    raise SluiceError("OUT_OF_TIME", f"The time was over while {what}.", retryable=True) from last
