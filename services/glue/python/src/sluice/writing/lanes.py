"""Works through a queue with several threads; each has one batch at a time. The same as shared/writing/lanes.ts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from math import inf
from typing import Generic, Protocol, TypeVar


class Queued(Protocol):
    @property
    def id(self) -> str:
        """No batch holds the same twice."""
        ...

    @property
    def bytes(self) -> int: ...


T = TypeVar("T")
Q = TypeVar("Q", bound=Queued)


def in_lanes(lanes: Callable[[], int], take: Callable[[], Sequence[T]], work: Callable[[Sequence[T]], object]) -> None:
    """Each lane takes the next batch and works on it, until a batch is empty.

    `lanes`: how many threads to have, at least 1. It is asked for each batch: the time that a request takes is known
    only once one is done. If the number falls, the threads at work go on. The calling thread is one of them. `lanes`
    and `take` are called by one thread at a time. After the first failure no further batch begins, and the batches
    under way are awaited. Raises the first error of `work`.
    """
    failures: list[BaseException] = []
    others: list[threading.Thread] = []
    taking = threading.Lock()
    empty = False

    def take_next() -> Sequence[T]:
        nonlocal empty
        with taking:
            if empty or failures:
                return ()
            batch = take()
            empty = not batch
            while not empty and 1 + len(others) < lanes():
                thread = threading.Thread(target=lane, name=f"sluice-lane-{len(others) + 1}", daemon=True)
                others.append(thread)
                thread.start()
        return batch

    def lane() -> None:
        try:
            while batch := take_next():
                work(batch)
        except BaseException as error:
            failures.append(error)

    lane()
    # Threads that start meanwhile are at the end.
    for thread in others:
        thread.join()
    if failures:
        raise failures[0]


class BatchQueue(Generic[Q]):
    """Gives out batches without duplicates."""

    def __init__(self, waiting: Sequence[Q], most_bytes: float = inf) -> None:
        """`most_bytes`: of a batch that has more than one entry."""
        self._waiting = waiting
        self._at = 0
        self._most_bytes = most_bytes
        self._has_duplicates = len({each.id for each in waiting}) < len(waiting)

    def take(self, size: int) -> list[Q]:
        """The next ones, at most `size`; empty: there are none left."""
        batch: list[Q] = []
        held: list[Q] = []
        total = 0
        while len(batch) < size and self._at < len(self._waiting):
            each = self._waiting[self._at]
            if self._has_duplicates and any(other.id == each.id for other in batch):
                held.append(each)
            else:
                total += each.bytes
                if batch and total > self._most_bytes:
                    break
                batch.append(each)
            self._at += 1
        if held:
            self._waiting = [*held, *self._waiting[self._at :]]
            self._at = 0
        return batch
