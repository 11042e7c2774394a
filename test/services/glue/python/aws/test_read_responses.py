from __future__ import annotations

import gc
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from dynamodb_local import DynamoDbLocal, create_table
from recording_limiter import RecordingLimiter
from sluice.aws.read_responses import read_fast
from sluice.capacity.gate import gate
from sluice.capacity.metering import Consumption


@pytest.fixture(scope="module")
def table(dynamodb_local: DynamoDbLocal) -> str:
    """With binary values at all depths, and attributes whose names look like them."""
    dynamodb, name = dynamodb_local.client(), f"answers-{uuid4().hex}"
    create_table(dynamodb, name, "id")
    inner = {"L": [{"B": b"\x01"}, {"M": {"B": {"S": "aGk="}, "BS": {"BS": [b"", b"\x02"]}}}, {"NULL": True}]}
    for number in range(30):
        values = {"B": {"B": bytes([number, 255])}, "inner": inner, "n": {"NS": [str(number)]}, "is": {"BOOL": True}}
        dynamodb.put_item(TableName=name, Item={"id": {"S": f"é🦊{number}"}, **values})
    dynamodb.put_item(TableName=name, Item={"id": {"S": "plain"}})
    return name


@pytest.mark.parametrize("keys", [["é🦊1", "plain", "none"], ["plain"]], ids=["binary", "no binary"])
def test_answers_are_boto3s_own(dynamodb_local: DynamoDbLocal, table: str, keys: list[str]) -> None:
    fast, plain = dynamodb_local.client(), dynamodb_local.client()
    read_fast(fast)
    read_fast(fast)
    request = {table: {"Keys": [{"id": {"S": key}} for key in keys]}}
    scan = {"TableName": table, "Limit": 20, "ReturnConsumedCapacity": "INDEXES"}
    answers = [
        (client.scan(**scan), client.batch_get_item(RequestItems=request, ReturnConsumedCapacity="INDEXES"))
        for client in (fast, plain)
    ]
    for answer in [each for pair in answers for each in pair]:
        metadata = answer.pop("ResponseMetadata")
        assert (metadata["HTTPStatusCode"], metadata["RetryAttempts"]) == (200, 0)
        assert metadata["RequestId"]
    assert answers[0] == answers[1]
    assert gc.isenabled()


def test_errors_and_other_answers_are_boto3s_own(dynamodb_local: DynamoDbLocal, table: str) -> None:
    client: Any = dynamodb_local.client()
    read_fast(client)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.scan(TableName="none")
    with pytest.raises(ClientError, match="ValidationException"):
        client.scan(TableName=table, FilterExpression="(")
    assert client.get_item(TableName=table, Key={"id": {"S": "plain"}})["Item"] == {"id": {"S": "plain"}}
    paginator = client.get_paginator("scan").paginate(TableName=table, Limit=7)
    assert sum(page["Count"] for page in paginator) == 31


def test_what_is_read_under_a_limit_is_charged(dynamodb_local: DynamoDbLocal, table: str) -> None:
    """The response has no consumption if the caller didn't ask for it."""
    client: Any = dynamodb_local.client()
    limiter = RecordingLimiter()
    gate(client, limiter, table=table, direction="read")
    read_fast(client)
    assert "ConsumedCapacity" not in client.scan(TableName=table)
    answer = client.batch_get_item(RequestItems={table: {"Keys": [{"id": {"S": "plain"}}]}})
    assert "ConsumedCapacity" not in answer
    assert limiter.ended == [Consumption(table=0.5), Consumption(table=0.5)]
