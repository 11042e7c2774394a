"""How errors are described."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from sluice.errors import SluiceError, describe_error

THROTTLED = {"Error": {"Code": "ThrottlingException", "Message": "slow down"}}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ClientError(THROTTLED, "UpdateItem"), "ThrottlingException: slow down"),
        (
            ConnectionClosedError(endpoint_url="http://jobs"),
            'ConnectionClosedError: Connection was closed before we received a valid response from endpoint URL: "http://jobs".',
        ),
        (SluiceError("NO_SUCH_JOB", "Table jobs has no job."), "Table jobs has no job."),
        (Exception("no"), "no"),
        (Exception(), "Exception"),
        (ValueError("x" * 3_000), f"ValueError: {'x' * 1_988}…"),
    ],
)
def test_an_error_is_described_by_its_code_and_message(error: BaseException, text: str) -> None:
    assert describe_error(error) == text
