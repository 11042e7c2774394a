"""The ledger item in a DynamoDB table. shared/capacity/ledger/dynamoDbLedger.ts lists its attributes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from sluice.aws.item import AttributeValue
from sluice.aws.update import update_of
from sluice.capacity.ledger.attributes import from_attributes, to_attributes, update_parts
from sluice.capacity.ledger.item import LedgerChange, LedgerItem, Updated


class DynamoDbLedger:
    """A LedgerStore.

    `client`: a boto3 client of DynamoDB without a gate, because the ledger's own traffic is not limited. `key`: the
    full primary key of the item. `extra`: further attributes of a new item, such as its expiry.

    Permissions: `dynamodb:UpdateItem` and `GetItem` for workers; to create the item, also `PutItem`.
    """

    def __init__(
        self,
        client: Any,
        table: str,
        key: Mapping[str, AttributeValue],
        extra: Mapping[str, AttributeValue] | None = None,
    ) -> None:
        self._client = client
        self._table = table
        self._key = key
        self._extra = extra or {}
        self._process = os.getpid()

    def create(self, item: LedgerItem) -> bool:
        try:
            self._requests().put_item(
                TableName=self._table,
                Item={**self._extra, **self._key, **to_attributes(item)},
                ConditionExpression="attribute_not_exists(#until)",
                ExpressionAttributeNames={"#until": "until"},
            )
            return True
        except ClientError as error:
            if not _is_condition(error):
                raise
            return False

    def read(self) -> LedgerItem | None:
        answer = self._requests().get_item(TableName=self._table, Key=self._key, ConsistentRead=True)
        return from_attributes(answer["Item"]) if "Item" in answer else None

    def update(self, change: LedgerChange) -> Updated:
        try:
            answer = self._requests().update_item(
                TableName=self._table,
                Key=self._key,
                **update_of(update_parts(change)),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
            return Updated(True, from_attributes(answer["Attributes"]))
        except ClientError as error:
            if not _is_condition(error):
                raise
            found: Any = error.response.get("Item")
            return Updated(False, from_attributes(found) if found else None)

    def _requests(self) -> Any:
        """The client. A forked process doesn't share connections with its parent."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._client.close()
        return self._client


def _is_condition(error: ClientError) -> bool:
    return bool(error.response["Error"]["Code"] == "ConditionalCheckFailedException")
