"""Reads items of a table with BatchGetItem. The same as shared/aws/getBatch.ts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sluice.aws.item import Item
from sluice.aws.objects.object_bytes import Retry
from sluice.aws.unprocessed import unprocessed

Answered: TypeAlias = Callable[[Sequence[Mapping[str, Any]], int], None]
"""Called with what each answer consumed, and how many keys it processed."""


def get_batch(
    keys: Sequence[Item], table: str, dynamodb: Any, retry: Retry, answered: Answered, *, consistent_read: bool
) -> list[Item]:
    """The items that exist, in any order. Reads the keys that DynamoDB leaves unprocessed again.

    `keys`: 1 to 100, each once. `retry` must treat throttling as transient.
    """
    options = {"ConsistentRead": True} if consistent_read else {}
    items: list[Item] = []
    left = list(keys)

    def attempt() -> None:
        nonlocal left
        request = {table: {"Keys": left, **options}}
        output = dynamodb.batch_get_item(RequestItems=request, ReturnConsumedCapacity="INDEXES")
        items.extend(output.get("Responses", {}).get(table, ()))
        undone = output.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        answered(output.get("ConsumedCapacity", ()), len(left) - len(undone))
        left = undone
        if left:
            raise unprocessed("BatchGetItem", len(left), "keys")

    retry(attempt)
    return items
