"""The gate on real tables: what DynamoDB Local reports is charged, and callers get what they asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from dynamodb_local import DynamoDbLocal, create_table
from recording_limiter import RecordingLimiter
from sluice.capacity.gate import gate
from sluice.capacity.metering import Consumption

ALL = {"Projection": {"ProjectionType": "ALL"}}
KEY = {"k": {"S": "1"}, "s": {"S": "1"}}
ITEM = {**KEY, "l": {"S": "l"}, "g": {"S": "g"}, "fill": {"S": "x" * 1500}}
"""An item that takes 2 write units in the table and in each of both indexes."""
WRITTEN = Consumption(4, {"byL": 2, "byG": 2})
OLD = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
CONDITION = {"ConditionExpression": "attribute_not_exists(k)"}


class Limited:
    """A client, or a resource, whose use of table `gate` is limited in both directions."""

    def __init__(self, of: Any) -> None:
        self.boto = of
        self.read = RecordingLimiter()
        self.write = RecordingLimiter()
        gate(of, self.read, table="gate", direction="read")
        gate(of, self.write, table="gate", direction="write")


@pytest.fixture(scope="module")
def database(dynamodb_local: DynamoDbLocal) -> DynamoDbLocal:
    for table in ("gate", "gate-other"):
        create_table(
            dynamodb_local.client(),
            table,
            *("k", "s"),
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in "kslg"],
            LocalSecondaryIndexes=[{"IndexName": "byL", "KeySchema": key_schema("k", "l"), **ALL}],
            GlobalSecondaryIndexes=[{"IndexName": "byG", "KeySchema": key_schema("g"), **ALL}],
        )
    return dynamodb_local


def key_schema(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


@pytest.fixture
def client(database: DynamoDbLocal) -> Iterator[Limited]:
    client = database.client()
    client.put_item(TableName="gate", Item=ITEM)
    yield Limited(client)


@pytest.fixture
def resource(database: DynamoDbLocal) -> Limited:
    database.client().put_item(TableName="gate", Item=ITEM)
    return Limited(database.resource())


def test_writes_are_charged_with_their_indexes(client: Limited) -> None:
    client.boto.delete_item(TableName="gate", Key=KEY)
    client.boto.put_item(TableName="gate", Item=ITEM)
    assert client.write.ended == [WRITTEN, WRITTEN]
    assert client.read.ended == []


def test_reads_of_an_index_are_charged_to_it(client: Limited) -> None:
    of_index = {"IndexName": "byG", "KeyConditionExpression": "g = :g", "ExpressionAttributeValues": {":g": {"S": "g"}}}
    assert client.boto.query(TableName="gate", **of_index)["Count"] == 1
    assert client.read.ended == [Consumption(0, {"byG": 0.5})]


@pytest.mark.parametrize("asked", [None, "NONE", "TOTAL", "INDEXES"])
def test_a_caller_gets_the_figures_that_it_asked_for(client: Limited, database: DynamoDbLocal, asked: str) -> None:
    def put(to: Any, sort: str) -> Any:
        more = {"ReturnConsumedCapacity": asked} if asked else {}
        return to.put_item(TableName="gate", Item={**ITEM, "s": {"S": f"{sort}-{asked}"}}, **more)

    assert put(client.boto, "limited").get("ConsumedCapacity") == put(database.client(), "plain").get(
        "ConsumedCapacity"
    )
    assert client.write.ended == [WRITTEN]


@pytest.mark.parametrize("wanted", [{}, OLD])
def test_a_failed_condition_is_charged_by_the_item_that_it_met(client: Limited, wanted: dict[str, str]) -> None:
    with pytest.raises(client.boto.exceptions.ConditionalCheckFailedException) as failed:
        client.boto.put_item(TableName="gate", Item=KEY, **CONDITION, **wanted)
    assert client.write.ended == [Consumption(2)]
    assert failed.value.response.get("Item") == (ITEM if wanted else None)


@pytest.mark.parametrize("wanted", [{}, OLD])
def test_a_cancelled_transaction_is_charged_twice_by_each_item(client: Limited, wanted: dict[str, str]) -> None:
    items = [
        {"Put": {"TableName": "gate", "Item": ITEM, **CONDITION, **wanted}},
        {"Put": {"TableName": "gate", "Item": {**KEY, "s": {"S": "2"}}}},
        {"Put": {"TableName": "gate-other", "Item": ITEM}},
    ]
    with pytest.raises(client.boto.exceptions.TransactionCanceledException) as cancelled:
        client.boto.transact_write_items(TransactItems=items)
    assert client.write.ended == [Consumption(2 * 2 + 2)]
    assert cancelled.value.response["CancellationReasons"][0].get("Item") == (ITEM if wanted else None)


def test_batches_and_transactions_are_charged_for_their_part_in_the_table(client: Limited) -> None:
    keys = {"Keys": [KEY]}
    client.boto.batch_get_item(RequestItems={"gate": keys, "gate-other": keys})
    client.boto.transact_get_items(TransactItems=[{"Get": {"TableName": "gate", "Key": KEY}}])
    assert [each.table for each in client.read.ended] == [0.5, 2]
    client.boto.batch_write_item(
        RequestItems={name: [{"DeleteRequest": {"Key": KEY}}] for name in ("gate", "gate-other")}
    )
    assert client.write.ended == [WRITTEN]


def test_pages_are_charged_one_by_one(client: Limited, database: DynamoDbLocal) -> None:
    plain = database.client()
    for number in range(5):
        plain.put_item(TableName="gate", Item={"k": {"S": "pages"}, "s": {"S": str(number)}})
    paginator = client.boto.get_paginator("query")
    arguments = {"KeyConditionExpression": "k = :k", "ExpressionAttributeValues": {":k": {"S": "pages"}}}
    pages = paginator.paginate(TableName="gate", **arguments, PaginationConfig={"PageSize": 2})
    assert sum(page["Count"] for page in pages) == 5
    assert client.read.ended == [Consumption(0.5)] * 3


def test_statements_are_charged_and_failed_ones_by_the_item_that_they_met(client: Limited) -> None:
    update = {"Statement": "UPDATE gate SET a=1 WHERE k='1' AND s='1' AND g='other'"}
    answer = client.boto.batch_execute_statement(Statements=[update])
    assert answer["Responses"][0]["Error"]["Code"] == "ConditionalCheckFailed"
    assert "Item" not in answer["Responses"][0]["Error"]
    with pytest.raises(ClientError):
        client.boto.execute_statement(Statement=update["Statement"])
    client.boto.execute_statement(Statement="SELECT * FROM gate WHERE k='1' AND s='1'")
    # DynamoDB Local doesn't report what statements consume.
    assert client.write.ended == ["kept", Consumption(2)]
    assert client.read.ended == ["kept"]


def test_a_resource_converts_its_values_before_the_gate_and_after_it(resource: Limited) -> None:
    table = resource.boto.Table("gate")
    item = {"k": "2", "s": "1", "n": 12, "b": b"\x00\xff", "tags": {"a", "b"}, "deep": {"list": [1, None, True]}}
    table.put_item(Item=item)
    assert "ConsumedCapacity" not in (found := table.get_item(Key={"k": "2", "s": "1"}))
    assert found["Item"]["deep"] == {"list": [1, None, True]}
    assert table.query(KeyConditionExpression=Key("k").eq("2"), FilterExpression=Attr("n").gt(11))["Count"] == 1
    assert resource.write.ended == [Consumption(1)]
    assert [each.table for each in resource.read.ended] == [0.5, 0.5]


@pytest.mark.parametrize("wanted", [{}, OLD])
def test_a_resource_reports_the_item_of_a_failed_condition_where_asked(
    resource: Limited, wanted: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as failed:
        resource.boto.Table("gate").put_item(
            Item={"k": "1", "s": "1"}, ConditionExpression=Attr("k").not_exists(), **wanted
        )
    assert resource.write.ended == [Consumption(2)]
    assert ("Item" in failed.value.response) == bool(wanted)


def test_a_batch_writer_is_charged_for_each_batch(resource: Limited) -> None:
    with resource.boto.Table("gate").batch_writer() as batch:
        for number in range(60):
            batch.put_item(Item={"k": "batch", "s": str(number)})
    assert [each.table for each in resource.write.ended] == [25, 25, 10]
