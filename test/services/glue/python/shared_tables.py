"""Tables, jobs and ledgers in DynamoDB Local, for code that finds them in the same way as in AWS."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from dynamodb_local import DynamoDbLocal, create_table
from sluice.capacity.ledger import DynamoDbLedger, Ledger
from sluice.capacity.ledger.item import LedgerItem
from sluice.capacity.metering import CapacityLimits, Direction
from sluice.jobs.attributes import to_attributes
from sluice.jobs.keys import job_key, ledger_key


@dataclass(frozen=True)
class SharedTables:
    client: Any
    jobs: str
    """Name of the jobs table."""
    data: str
    """Name of a table with partition key `k`, 1,000 WCU and 100 RCU, and an index `byG` with 200 WCU and 100 RCU."""

    def put_job(self, state: str = "running", limits: Sequence[tuple[Direction, str]] = (), **more: Any) -> str:
        """Writes the record of a job with open ledgers of 1,000 units per second, and returns its id."""
        job = str(more.get("id", f"job-{uuid.uuid4().hex[:8]}"))
        head = {
            "id": job,
            "work": {"operation": "update", "table": self.data},
            "state": state,
            **dict.fromkeys(("units", "unitsDone", "unitsFailed", "epoch", "claimed", "chains"), 1),
            "limits": [{"direction": way, "table": table, "limits": {"table": 1000}} for way, table in limits],
            **{"estimatedItems": 1, "estimatedBytes": 1, "createdAt": 1, **more},
        }
        self.client.put_item(TableName=self.jobs, Item={**job_key(job), **to_attributes(head)})
        owner = f"group/{more['limitGroup']}" if "limitGroup" in more else job
        for direction, table in limits:
            self.ledger(owner, direction, table).create(CapacityLimits(1000), 0)
        return job

    def set_state(self, job: str, state: str) -> None:
        update = {"UpdateExpression": "SET #state = :state", "ExpressionAttributeNames": {"#state": "state"}}
        values = {":state": {"S": state}}
        self.client.update_item(TableName=self.jobs, Key=job_key(job), **update, ExpressionAttributeValues=values)

    def ledger(self, owner: str, direction: Direction, table: str | None = None, member: str | None = None) -> Ledger:
        key = ledger_key(owner, direction, table or self.data)
        return Ledger(DynamoDbLedger(self.client, self.jobs, key), member)

    def ledger_item(self, owner: str, direction: Direction, table: str | None = None) -> LedgerItem:
        return self.ledger(owner, direction, table).read()

    def raw_ledger(self, owner: str, direction: Direction) -> Mapping[str, Any]:
        key = ledger_key(owner, direction, self.data)
        item: Mapping[str, Any] = self.client.get_item(TableName=self.jobs, Key=key)["Item"]
        return item

    def count(self) -> int:
        return int(self.client.scan(TableName=self.data, Select="COUNT")["Count"])


def boto3_variables(database: DynamoDbLocal) -> dict[str, str]:
    """The variables by which boto3 finds DynamoDB Local."""
    credentials = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "local")
    return {"AWS_ENDPOINT_URL_DYNAMODB": database.endpoint, "AWS_DEFAULT_REGION": "eu-central-1", **credentials}


@pytest.fixture
def boto3_environment(dynamodb_local: DynamoDbLocal, monkeypatch: pytest.MonkeyPatch) -> DynamoDbLocal:
    """Lets boto3 find DynamoDB Local by the environment, in other processes too."""
    for name, value in boto3_variables(dynamodb_local).items():
        monkeypatch.setenv(name, value)
    return dynamodb_local


@pytest.fixture
def shared_tables(boto3_environment: DynamoDbLocal) -> Iterator[SharedTables]:
    client = boto3_environment.client()
    unique = uuid.uuid4().hex[:8]
    tables = SharedTables(client, f"jobs-{unique}", f"data-{unique}")
    create_table(client, tables.jobs, "pk", "sk")
    provisioned = {"ReadCapacityUnits": 100, "WriteCapacityUnits": 1000}
    index = {
        "IndexName": "byG",
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
        "ProvisionedThroughput": {**provisioned, "WriteCapacityUnits": 200},
    }
    create_table(
        client,
        tables.data,
        "k",
        BillingMode="PROVISIONED",
        ProvisionedThroughput=provisioned,
        GlobalSecondaryIndexes=[index],
    )
    yield tables
    for table in (tables.jobs, tables.data):
        client.delete_table(TableName=table)
