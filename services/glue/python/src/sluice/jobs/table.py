"""The jobs table: shared/jobs/storage/{updateRecord,reading,isKept}.ts, the part that workers need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sluice.aws.client_error import code_of
from sluice.aws.item import Item
from sluice.aws.update import UpdateParts, update_of
from sluice.jobs.keys import Key, job_key, partition_of


@dataclass(frozen=True)
class JobsTable:
    client: Any
    """A boto3 client of DynamoDB. It isn't limited."""
    name: str
    retry: Callable[[Callable[[], Any]], Any]
    """Makes a call until it succeeds, fails for good, or time is over."""

    def update(self, key: Key, parts: UpdateParts, returned: str = "ALL_NEW") -> tuple[bool, Item | None]:
        """One conditional update: whether it was applied, and the record after it, or the record that failed the
        condition.

        `returned`: with `ALL_OLD` it is the record before the update; None if the update made it.
        """
        answer = {"ReturnValues": returned, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        request = {"TableName": self.name, "Key": key, **update_of(parts), **answer}
        try:
            return True, self.retry(lambda: self.client.update_item(**request)).get("Attributes")
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return False, error.response.get("Item")  # type: ignore[return-value]

    def get(self, key: Key, only: Mapping[str, Any] | None = None) -> Item | None:
        """An item, consistently read. `only`: the projection."""
        request = {"TableName": self.name, "Key": key, "ConsistentRead": True, **(only or {})}
        item: Item | None = self.retry(lambda: self.client.get_item(**request)).get("Item")
        return item

    def put(self, item: Item) -> None:
        self.retry(lambda: self.client.put_item(TableName=self.name, Item=item))

    def query(self, job: str, prefix: str, only: Mapping[str, Any] | None = None) -> Iterator[Item]:
        """All items of one kind that belong to a job, in the order of their sort keys, consistently read."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :job AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": {":job": {"S": partition_of(job)}, ":prefix": {"S": prefix}},
            "ConsistentRead": True,
            **(only or {}),
        }
        while True:
            answer = self.retry(lambda: self.client.query(**request))
            yield from answer.get("Items", [])
            if answer.get("LastEvaluatedKey") is None:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def is_kept(self, job: str) -> bool:
        """Whether the job of a new record still exists; see shared/jobs/storage/isKept.ts."""
        only = {"ProjectionExpression": "#deleting, pk", "ExpressionAttributeNames": {"#deleting": "deleting"}}
        item = self.get(job_key(job), only)
        return item is not None and "deleting" not in item
