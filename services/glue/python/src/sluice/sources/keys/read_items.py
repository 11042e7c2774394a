"""Reads the items of keys with BatchGetItem. The same as shared/sources/keys/readItems.ts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sluice.aws.batches import in_batches
from sluice.aws.get_batch import get_batch
from sluice.aws.item import Item
from sluice.aws.objects.object_bytes import Retry
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
    consumed: list[float] = []

    def answered(capacity: Sequence[Mapping[str, Any]], _keys: int) -> None:
        consumed.extend(each.get("CapacityUnits", 0) for each in capacity)

    def work(some: Sequence[Item]) -> list[Item]:
        return get_batch(some, spec["table"], dynamodb, retry, answered, consistent_read=spec["consistentRead"])

    read = in_batches(keys, batch, CONCURRENCY, work)
    found = {key_name(item, spec["keys"]): item for items in read for item in items}
    items: list[Item] = []
    missing: list[Item] = []
    for key in keys:
        item = found.get(key_name(key, spec["keys"]))
        if item is None:
            missing.append(key)
        else:
            items.append(item)
    return ReadItems(items, missing, sum(consumed))
