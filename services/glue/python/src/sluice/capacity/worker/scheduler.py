"""The environment of a limiter's session: time, timers, and a thread that may wait for the ledger.

The session itself is driven by events. All its code runs while its lock is held: the calls of its users, its timers,
and its flows, which are series of calls to the ledger. A flow reads like plain code; it releases the lock during each
of its ledger calls, where the TypeScript original has an `await`.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import count
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from sluice.clock import Clock

T = TypeVar("T")

_LONGEST_WAIT_S = 3600
"""Waits end after this long and begin again, because a thread can't wait for an arbitrary time."""


class Scheduler(Protocol):
    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Held by every thread that uses the session."""
        ...

    def now(self) -> float:
        """Milliseconds since the epoch."""
        ...

    def call_at(self, at: float, callback: Callable[[], None]) -> None:
        """Calls back when `at` has come. Called with the lock held, and so is `callback`."""
        ...

    def start(self, flow: Callable[[], None]) -> None:
        """Runs a flow soon, with the lock held. Called with the lock held, too."""
        ...

    def unlocked(self, call: Callable[[], T]) -> T:
        """Within a flow: makes a call without the lock, and raises its errors."""
        ...


class ThreadScheduler:
    """Two daemon threads, one for timers and one for flows. Each starts when first needed and ends with `close`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.lock = threading.Lock()
        self._changed = threading.Condition(self.lock)
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        """Keeps timers of the same instant in their order."""
        self._flows: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads: dict[str, threading.Thread] = {}
        self._closed = False

    def now(self) -> float:
        return self._clock.now()

    def call_at(self, at: float, callback: Callable[[], None]) -> None:
        timer = (at, next(self._numbers), callback)
        heapq.heappush(self._timers, timer)
        if self._timers[0] is timer:
            self._changed.notify()
        self._ensure("sluice-timers", self._run_timers)

    def start(self, flow: Callable[[], None]) -> None:
        self._flows.put(flow)
        self._ensure("sluice-ledger", self._run_flows)

    def unlocked(self, call: Callable[[], T]) -> T:
        self.lock.release()
        try:
            return call()
        finally:
            self.lock.acquire()

    def close(self) -> None:
        """Ends the threads, after the flows that have been started. Timers that are left never go off."""
        with self.lock:
            self._closed = True
            self._changed.notify()
        self._flows.put(None)
        for thread in self._threads.values():
            thread.join()

    def _ensure(self, name: str, run: Callable[[], None]) -> None:
        if name not in self._threads and not self._closed:
            self._threads[name] = threading.Thread(target=run, name=name, daemon=True)
            self._threads[name].start()

    def _run_timers(self) -> None:
        with self.lock:
            while not self._closed:
                ms = self._timers[0][0] - self.now() if self._timers else 1000.0 * _LONGEST_WAIT_S
                if ms > 0:
                    self._changed.wait(min(ms / 1000, _LONGEST_WAIT_S))
                else:
                    heapq.heappop(self._timers)[2]()

    def _run_flows(self) -> None:
        while (flow := self._flows.get()) is not None:
            with self.lock:
                flow()
