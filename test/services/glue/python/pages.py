"""Pages and tools of operations in tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sluice.aws.item import Item
from sluice.capacity.metering import Consumption
from sluice.operations.operation import Page, Position, Tools


class MemoryEntries:
    def __init__(self) -> None:
        self.values: dict[tuple[int, int], Mapping[str, Any]] = {}

    def put(self, unit: int, number: int, value: Mapping[str, Any]) -> None:
        self.values[unit, number] = dict(value)


def tools_of(s3: Any, entries: Any = None, retry: Callable[[Callable[[], Any]], Any] = lambda call: call()) -> Tools:
    return Tools(
        dynamodb=None,
        s3=s3,
        bucket="b",
        prefix="unused/",
        entries=entries or MemoryEntries(),
        limits=lambda _: None,
        request_ms=lambda _: None,
        consumed=lambda _: Consumption(),
        stop=threading.Event(),
        retry=retry,
    )


def page_of(
    items: Sequence[Item],
    *,
    job: str = "01",
    unit: int = 0,
    page: int = 0,
    last: bool = False,
    params: Mapping[str, Any] | None = None,
    scanned_items: int | None = None,
    scanned_bytes: float = 8192,
) -> Page:
    return Page(
        items=items,
        missing=(),
        unreadable=(),
        scanned_items=len(items) if scanned_items is None else scanned_items,
        scanned_bytes=scanned_bytes,
        rcu=1,
        position=Position(job, unit, page),
        table="orders",
        keys=["id"],
        target=None,
        params=params or {},
        last=last,
    )
