"""A cache of the newest few things that a process has read from S3 and needs again, for each client."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class Kept(Generic[T]):
    def __init__(self, most: int) -> None:
        """`most`: how many are kept for a client."""
        self._most = most
        self._by_client: WeakKeyDictionary[Any, dict[str, T]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, client: Any, name: str, read: Callable[[], T]) -> T:
        """The value of a name; reads it if it isn't kept. One thread reads at a time."""
        with self._lock:
            kept = self._by_client.setdefault(client, {})
            # Moves it behind the others, so that the first one is the least recently used.
            kept[name] = kept.pop(name) if name in kept else read()
            if len(kept) > self._most:
                del kept[next(iter(kept))]
            return kept[name]
