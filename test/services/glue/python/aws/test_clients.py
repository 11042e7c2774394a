"""Credentials that come late, from a metadata service like the one on AWS's machines."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from sluice.aws.clients import Clients


class Clock:
    """A clock whose sleeps take no time."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return 0

    def sleep(self, ms: float) -> None:
        self.slept.append(ms)


class Metadata:
    """The metadata service. `refusals`: how many requests for a role it refuses at first."""

    def __init__(self) -> None:
        self.refusals = 0


@pytest.fixture
def metadata(monkeypatch: pytest.MonkeyPatch) -> Iterator[Metadata]:
    service = Metadata()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self._answer(b"token")

        def do_GET(self) -> None:
            if service.refusals > 0:
                service.refusals -= 1
                self.send_error(404)
            elif self.path.endswith("/security-credentials/"):
                self._answer(b"role")
            else:
                kept = {
                    "AccessKeyId": "id",
                    "SecretAccessKey": "key",
                    "Token": "t",
                    "Expiration": "2099-01-01T00:00:00Z",
                }
                self._answer(json.dumps({"Code": "Success", **kept}).encode())

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None: ...

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{server.server_port}/")
    yield service
    server.shutdown()
    server.server_close()


def test_credentials_that_come_late_are_waited_for(metadata: Metadata) -> None:
    metadata.refusals = 2
    clients, clock = Clients("eu-central-1", 1), Clock()
    clients.wait_for_credentials(clock)
    assert clock.slept == [500, 1_000]
    assert clients.of("dynamodb")._request_signer._credentials.access_key == "id"


def test_credentials_that_are_there_are_not_waited_for(metadata: Metadata) -> None:
    clock = Clock()
    Clients("eu-central-1", 1).wait_for_credentials(clock)
    assert clock.slept == []


def test_if_credentials_never_come_that_is_an_error(metadata: Metadata) -> None:
    metadata.refusals = 1_000
    clock = Clock()
    with pytest.raises(NoCredentialsError):
        Clients("eu-central-1", 1).wait_for_credentials(clock)
    assert sum(clock.slept) == 15_500
