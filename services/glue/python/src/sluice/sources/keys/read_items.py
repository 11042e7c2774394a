"""Reads the items of keys with BatchGetItem. The same as shared/sources/keys/readItems.ts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sluice.aws.batches import in_batches
from sluice.aws.item import Item
from sluice.aws.objects.object_bytes import Retry
from sluice.aws.unprocessed import unprocessed
from sluice.sources.keys.key_value import key_name

MOST_BATCH_KEYS = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
CONCURRENCY = 4
"""Requests at the same time."""


class ReadItems(NamedTuple):
    items: Sequence[Item]
    """In the order of the keys."""
    missing: Sequence[Item]
    """Keys that have no item."""
    rcu: float


def read_items(keys: Sequence[Item], spec: Mapping[str, Any], dynamodb: Any, retry: Retry, batch: int) -> ReadItems:
    """Reads the items of these keys, several with one request. Each key may occur only once.

    `retry` must treat throttling as transient.
    """
    read = in_batches(keys, batch, CONCURRENCY, lambda some: _read_batch(some, spec, dynamodb, retry))
    found = {key_name(item, spec["keys"]): item for items, _ in read for item in items}
    items: list[Item] = []
    missing: list[Item] = []
    for key in keys:
        item = found.get(key_name(key, spec["keys"]))
        if item is None:
            missing.append(key)
        else:
            items.append(item)
    return ReadItems(items, missing, sum(rcu for _, rcu in read))


def _read_batch(
    batch: Sequence[Item], spec: Mapping[str, Any], dynamodb: Any, retry: Retry
) -> tuple[list[Item], float]:
    table = spec["table"]
    options = {"ConsistentRead": True} if spec["consistentRead"] else {}
    items: list[Item] = []
    left, rcu = list(batch), 0.0

    def attempt() -> None:
        nonlocal left, rcu
        request = {table: {"Keys": left, **options}}
        output = dynamodb.batch_get_item(RequestItems=request, ReturnConsumedCapacity="INDEXES")
        items.extend(output.get("Responses", {}).get(table, ()))
        rcu += sum(each.get("CapacityUnits", 0) for each in output.get("ConsumedCapacity", ()))
        left = output.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        if left:
            raise unprocessed("BatchGetItem", len(left), "keys")

    retry(attempt)
    return items, rcu
