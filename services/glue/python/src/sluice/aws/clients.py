"""Clients of AWS with the settings of shared/aws/clients.ts."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config


class Clients:
    """Clients of one worker. boto3's default session isn't safe with threads, so it has one of its own."""

    def __init__(self, region: str, concurrency: int) -> None:
        """`concurrency`: most requests under way at once."""
        self._session = boto3.session.Session(region_name=region)
        # One attempt: retries are made above the client, where it is known how much time is left and what counts as
        # transient. Time-outs well below a stretch's, so that a lost answer costs one retry.
        self._config = Config(
            connect_timeout=1,
            read_timeout=5,
            retries={"total_max_attempts": 1},
            max_pool_connections=concurrency + 2,
        )

    def of(self, service: str) -> Any:
        """A new client of a service. Each has connections of its own."""
        return self._session.client(service, config=self._config)  # type: ignore[call-overload]
