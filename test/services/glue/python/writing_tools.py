"""Pages and tools of writing operations, and the operations' work on them."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from folder_s3 import FolderS3
from sluice.capacity.metering import CapacityLimits, Consumption, Purpose
from sluice.operations.operation import Page, Position, Tools
from stub_client import retrying

TARGET = {"name": "orders", "keys": ["id"], "keyTypes": {"id": "S"}, "indexes": []}


class NoEntries:
    def put(self, unit: int, number: int, value: Mapping[str, Any]) -> None:
        raise AssertionError("operations that change items keep no entries")


def page_of(
    items: Sequence[Any],
    params: Mapping[str, Any],
    *,
    target: Mapping[str, Any] = TARGET,
    missing: Sequence[Any] = (),
    unreadable: Sequence[Any] = (),
    last: bool = False,
    number: int = 0,
) -> Page:
    return Page(
        items=items,
        missing=missing,
        unreadable=unreadable,
        scanned_items=len(items),
        scanned_bytes=0,
        rcu=0,
        position=Position("job-1", 3, number),
        table=target["name"],
        keys=target["keys"],
        target=target,
        params=params,
        last=last,
    )


def tools_of(
    dynamodb: Any,
    s3: FolderS3,
    *,
    consumed: Callable[[Purpose], float] = lambda _: 0.0,
    limits: Callable[[Purpose], CapacityLimits | None] = lambda _: None,
    concurrency: int = 4,
    prefix: str = "job/",
) -> Tools:
    return Tools(
        dynamodb=dynamodb,
        s3=s3,
        bucket="results",
        prefix=prefix,
        entries=NoEntries(),
        limits=limits,
        request_ms=lambda _: None,
        consumed=lambda purpose: Consumption(consumed(purpose)),
        stop=threading.Event(),
        retry=retrying(),
        concurrency=concurrency,
    )


def lines_of(s3: FolderS3, key: str) -> list[str]:
    """The lines of a packed object."""
    return gzip.decompress(s3.content("results", key)).decode().splitlines()


def outcomes_of(result: Any) -> dict[str, int]:
    """Without attributes that no item has."""
    return {name: count for name, count in result["outcomes"].items() if count > 0}
