"""The meter's counts: on DynamoDB Local, and for requests to the other services. See test/shared/cost/usageMeter."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from dynamodb_local import DynamoDbLocal, create_table
from sluice.jobs.usage_meter import UsageMeter, add_usage

NEVER = "attribute_exists(nothing)"
Call = Callable[[Any, str], Any]


def key(sk: str) -> dict[str, Any]:
    return {"pk": {"S": "job#a"}, "sk": {"S": sk}}


def text(kilobytes: int) -> dict[str, Any]:
    return {"text": {"S": "x" * 1024 * kilobytes}}


def update(client: Any, table: str, **more: Any) -> Any:
    set_a = {"UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"N": "1"}}}
    return client.update_item(TableName=table, Key=key("there"), **set_a, **more)


def query(client: Any, table: str) -> Any:
    values = {":pk": {"S": "job#a"}}
    return client.query(TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values, Limit=1)


def transact(client: Any, table: str, condition: str = "attribute_not_exists(nothing)") -> Any:
    check = {"TableName": table, "Key": key("there"), "ConditionExpression": condition}
    put = {"TableName": table, "Item": key("in a transaction")}
    return client.transact_write_items(TransactItems=[{"Put": put}, {"ConditionCheck": check}])


@pytest.fixture
def made(dynamodb_local: DynamoDbLocal) -> tuple[Any, str, UsageMeter]:
    """A client that is watched, the jobs table, and the meter."""
    client, table = dynamodb_local.client(), f"jobs-{uuid.uuid4()}"
    create_table(client, table, "pk", "sk")
    client.put_item(TableName=table, Item={**key("there"), **text(5)})
    meter = UsageMeter(table)
    meter.watch(client)
    return client, table, meter


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda c, t: c.put_item(TableName=t, Item=key("a")), {"writeUnits": 1}),
        (lambda c, t: c.put_item(TableName=t, Item={**key("b"), **text(3)}), {"writeUnits": 4}),
        (update, {"writeUnits": 6}),
        (lambda c, t: c.get_item(TableName=t, Key=key("there")), {"readUnits": 1}),
        (lambda c, t: c.get_item(TableName=t, Key=key("there"), ConsistentRead=True), {"readUnits": 2}),
        (query, {"readUnits": 1}),
        (lambda c, t: c.batch_get_item(RequestItems={t: {"Keys": [key("there")]}}), {"readUnits": 1}),
        (lambda c, t: c.describe_table(TableName=t), {"writeUnits": 0}),
    ],
)
def test_a_request_to_the_jobs_table_counts(
    made: tuple[Any, str, UsageMeter], call: Call, expected: dict[str, float]
) -> None:
    client, table, meter = made
    call(client, table)
    assert meter.take({}) == expected
    assert meter.take({"gets": 1}) == {"gets": 1}


@pytest.mark.parametrize(
    ("call", "units"),
    [
        (lambda c, t: update(c, t, ConditionExpression=NEVER, ReturnValuesOnConditionCheckFailure="ALL_OLD"), 6),
        (lambda c, t: update(c, t, ConditionExpression=NEVER), 1),
        (lambda c, t: transact(c, t, NEVER), 4),
        (lambda c, t: c.get_item(TableName=t, Key={}), 0),
    ],
)
def test_a_failure_counts_by_what_it_consumed(made: tuple[Any, str, UsageMeter], call: Call, units: float) -> None:
    client, table, meter = made
    with pytest.raises(ClientError):
        call(client, table)
    assert meter.take({}).get("writeUnits", 0) == units


def test_requests_to_other_tables_do_not_count(
    made: tuple[Any, str, UsageMeter], dynamodb_local: DynamoDbLocal
) -> None:
    client, _, meter = made
    other = f"orders-{uuid.uuid4()}"
    create_table(dynamodb_local.client(), other, "pk", "sk")
    client.put_item(TableName=other, Item=key("a"))
    client.scan(TableName=other)
    assert add_usage(meter.take({}), {}) == {"writeUnits": 0, "readUnits": 0}


def test_a_caller_that_asks_for_more_gets_it(made: tuple[Any, str, UsageMeter]) -> None:
    client, table, meter = made
    answer = client.put_item(TableName=table, Item=key("c"), ReturnConsumedCapacity="INDEXES")
    assert answer["ConsumedCapacity"]["Table"]["CapacityUnits"] == 1
    assert meter.take({})["writeUnits"] == 1


B = {"Bucket": "results", "Key": "key"}


@pytest.mark.parametrize(
    ("service", "call", "expected"),
    [
        ("sqs", lambda c: c.send_message(QueueUrl="https://queue", MessageBody="m"), {"queueRequests": 1}),
        ("s3", lambda c: c.put_object(**B, Body=b""), {"puts": 1}),
        ("s3", lambda c: c.list_objects_v2(Bucket="results"), {"puts": 1}),
        ("s3", lambda c: c.get_object(**B), {"gets": 1}),
        ("s3", lambda c: c.head_object(**B), {"gets": 1}),
        ("s3", lambda c: c.delete_object(**B), {}),
        ("s3", lambda c: c.abort_multipart_upload(**B, UploadId="1"), {}),
    ],
)
@pytest.mark.parametrize("status", [200, 403])
def test_requests_to_other_services_count_by_what_they_cost(
    service: str, call: Callable[[Any], Any], expected: dict[str, float], status: int
) -> None:
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    client = boto3.client(service, region_name="eu-central-1", **credentials)  # type: ignore[call-overload]

    def answer(request: Any, **_: Any) -> AWSResponse:
        response = AWSResponse(request.url, status, {}, None)
        response._content = b"{}" if service == "sqs" else b""
        return response

    client.meta.events.register("before-send", answer)
    meter = UsageMeter("jobs")
    meter.watch(client)
    try:
        call(client)
    except ClientError:
        assert status == 403
    assert meter.take({}) == expected
