"""Works through a list in batches, a few of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_batches(items: Sequence[T], size: int, concurrency: int, work: Callable[[Sequence[T]], R]) -> list[R]:
    """The results of `work` for each batch, in their order.

    After a failure no further batch begins; those under way end first. Raises the error of the first failed batch.
    """
    batches = [items[at : at + size] for at in range(0, len(items), size)]
    if len(batches) <= 1:
        return [work(batch) for batch in batches]
    failed: list[Any] = []

    def one(batch: Sequence[T]) -> R | None:
        if failed:
            return None
        try:
            return work(batch)
        except BaseException:
            failed.append(batch)
            raise

    with ThreadPoolExecutor(min(concurrency, len(batches))) as pool:
        futures = [pool.submit(one, batch) for batch in batches]
    return [future.result() for future in futures]  # type: ignore[misc]
