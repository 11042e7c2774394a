"""Virtual time for limiters: test/support/virtualTime.ts and test/support/memoryLedger.ts in Python.

A session runs as it does in threads, but its timers and its ledger calls take virtual time, and one thing happens after
the other. A flow has a thread, which runs only while all other threads wait for it.
"""

from __future__ import annotations

import heapq
import math
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import count
from typing import Any, TypeVar

from sluice.capacity.ledger.item import LedgerChange, LedgerItem, Requirements, Updated

T = TypeVar("T")

EPOCH = 1_800_000_000_000
STEP_MS = 2**-12
"""As exact as a double can hold an instant of our time."""


class VirtualTime:
    def __init__(self) -> None:
        self.now = 0.0
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._soon: deque[Callable[[], None]] = deque()
        self._flow = threading.local()

    def after(self, ms: float, callback: Callable[[], None]) -> None:
        """Calls `callback` after `ms`, rounded up to whole steps, at least one."""
        at = self.now + STEP_MS * max(1, math.ceil(ms / STEP_MS))
        heapq.heappush(self._timers, (at, next(self._numbers), callback))

    def soon(self, callback: Callable[[], None]) -> None:
        """Calls `callback` after the code that runs now, before time goes on."""
        self._soon.append(callback)

    def run_until(self, end: float) -> None:
        self._settle()
        while self._timers and self._timers[0][0] <= end:
            self.now, _, callback = heapq.heappop(self._timers)
            callback()
            self._settle()
        self.now = end

    def start(self, run: Callable[[], None]) -> None:
        """Runs a flow until it sleeps or ends."""
        _Flow(run, self._flow).go_on()

    def sleep(self, ms: float) -> None:
        """Within a flow."""
        flow: _Flow = self._flow.current
        self.after(ms, flow.go_on)
        flow.wait()

    def _settle(self) -> None:
        while self._soon:
            self._soon.popleft()()


class _Flow:
    def __init__(self, run: Callable[[], None], local: threading.local) -> None:
        self._turn = threading.Semaphore(0)
        self._back = threading.Semaphore(0)
        self._error: BaseException | None = None

        def main() -> None:
            local.current = self
            self._turn.acquire()
            try:
                run()
            except BaseException as error:
                self._error = error
            self._back.release()

        threading.Thread(target=main, daemon=True).start()

    def go_on(self) -> None:
        self._turn.release()
        self._back.acquire()
        if self._error is not None:
            raise self._error

    def wait(self) -> None:
        self._back.release()
        self._turn.acquire()


class Machine:
    """The Scheduler of a worker. Its clock is off by `skew_ms`; a crash stops it for good."""

    def __init__(self, time: VirtualTime, skew_ms: float = 0.0) -> None:
        self.lock: AbstractContextManager[Any] = nullcontext()
        self._time = time
        self._skew_ms = skew_ms
        self._crashed = False

    def now(self) -> float:
        return EPOCH + STEP_MS * math.floor((self._time.now + self._skew_ms) / STEP_MS)

    def call_at(self, at: float, callback: Callable[[], None]) -> None:
        self.after(at - self.now(), callback)

    def after(self, ms: float, callback: Callable[[], None]) -> None:
        self._time.after(ms, lambda: None if self._crashed else callback())

    def start(self, flow: Callable[[], None]) -> None:
        self._time.start(flow)

    def unlocked(self, call: Callable[[], T]) -> T:
        return call()

    def crash(self) -> None:
        """Nothing on this machine wakes up any more."""
        self._crashed = True


class MemoryLedger:
    """The ledger item in memory, a LedgerStore."""

    def __init__(self) -> None:
        self.item: LedgerItem | None = None

    def create(self, item: LedgerItem) -> bool:
        if self.item is not None:
            return False
        self.item = item
        return True

    def read(self) -> LedgerItem | None:
        return self.item

    def update(self, change: LedgerChange) -> Updated:
        if self.item is None or not _holds(self.item, change.require):
            return Updated(False, self.item)
        item = replace(self.item, **change.set)
        item = replace(item, **{name: getattr(item, name) + amount for name, amount in change.add.items()})
        if change.member is not None:
            others = tuple(name for name in item.paused_members if name != change.member.name)
            item = replace(item, paused_members=(*others, change.member.name) if change.member.paused else others)
        self.item = item
        return Updated(True, item)


def _holds(item: LedgerItem, require: Requirements) -> bool:
    return (
        (require.until_from is None or item.until >= require.until_from)
        and (require.until_to is None or item.until <= require.until_to)
        and (require.until_before is None or item.until < require.until_before)
        and (not require.unpaused or not item.paused)
        and (require.member_unpaused is None or require.member_unpaused not in item.paused_members)
        and (require.cost_known is None or (item.cost_count > 0) == require.cost_known)
        and (require.factor_at_to is None or item.factor_at <= require.factor_at_to)
    )
