"""Clients of AWS with the settings of shared/aws/clients.ts."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import CredentialRetrievalError, MetadataRetrievalError, NoCredentialsError

from sluice.clock import Clock

NO_CREDENTIALS = (CredentialRetrievalError, MetadataRetrievalError, NoCredentialsError)
"""The process got no credentials, or the service that has them did not answer."""
_LOOKS = 6
_FIRST_WAIT_MS = 500
"""Doubled with each look: 16 seconds in all."""


class Clients:
    """Clients of one worker. boto3's default session isn't safe with threads, so each worker has its own session."""

    def __init__(self, region: str, concurrency: int) -> None:
        """`concurrency`: most requests under way at once."""
        self._session = boto3.session.Session(region_name=region)
        # One attempt: the code above the client retries, because it knows how much time is left and what counts as
        # transient. The time-outs are well below a stretch's time, so a lost answer costs one retry.
        self._config = Config(
            connect_timeout=1,
            read_timeout=5,
            retries={"total_max_attempts": 1},
            max_pool_connections=concurrency + 2,
        )

    def wait_for_credentials(self, clock: Clock) -> None:
        """Looks for credentials until there are some, for a process that starts before its machine can give them.

        A client that was made without credentials never gets any. Raises the last error, or NoCredentialsError, after
        16 seconds.
        """
        for look in range(_LOOKS):
            try:
                if self._session.get_credentials() is not None:
                    return
                error: Exception = NoCredentialsError()
            except NO_CREDENTIALS as failed:
                error = failed
            if look < _LOOKS - 1:
                clock.sleep(_FIRST_WAIT_MS * 2**look)
        raise error

    def of(self, service: str) -> Any:
        """A new client of a service. Each has connections of its own."""
        return self._session.client(service, config=self._config)  # type: ignore[call-overload]
