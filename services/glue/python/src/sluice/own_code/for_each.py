"""Runs a function over rows in threads, and lists the rows for which it failed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sluice.errors import SluiceError

Row = TypeVar("Row")

_FATAL = frozenset({"capacity.closed", "capacity.ledger-missing", "JOB_ENDED"})
"""Errors of a limit after which no request of any row can pass."""


@dataclass
class ForEachResult(Generic[Row]):
    done: int = 0
    """Rows for which the function returned."""
    failures: list[tuple[Row, Exception]] = field(default_factory=list)
    """The other rows, in no order, each with what the function raised."""


def for_each(
    rows: Iterable[Row], fn: Callable[[Row], Any], *, concurrency: int = 32, most_failures: int = 1_000
) -> ForEachResult[Row]:
    """Calls `fn` once for each row, at most `concurrency` calls at a time, and waits until all are done.

    `rows` is read in this thread, only as fast as calls end, so it may be larger than memory. If `fn` raises an error,
    its row has failed; the others go on. An error of reading `rows` is raised once the rows read so far are done.

    Raises SluiceError:

    - `TOO_MANY_FAILURES` when more than `most_failures` rows have failed. Rows under way are finished first, and no
      further ones are begun. `value` is the ForEachResult so far.
    - `capacity.closed` and `JOB_ENDED`, when the limit under which `fn` works has ended.
    - `INVALID_REQUEST` for a `concurrency` below 1 or a `most_failures` below 0.
    """
    if concurrency < 1 or most_failures < 0:
        got = f"got {concurrency} and {most_failures}"
        message = f"for_each: concurrency must be 1 or more and most_failures 0 or more, {got}"
        raise SluiceError("INVALID_REQUEST", message)
    tally = _Tally[Row](most_failures)
    # Rows that are read ahead, so that a free thread finds one at once.
    free = threading.Semaphore(2 * concurrency)

    def call(row: Row) -> None:
        try:
            if not tally.stopped:
                tally.count(row, fn)
        finally:
            free.release()

    with ThreadPoolExecutor(concurrency, "sluice-for-each") as pool:
        try:
            for row in rows:
                free.acquire()
                if tally.stopped:
                    break
                pool.submit(call, row)
        except KeyboardInterrupt as interrupt:
            tally.stop(interrupt)
    if tally.fatal is not None:
        raise tally.fatal
    return tally.result


class _Tally(Generic[Row]):
    """The work of all threads so far."""

    def __init__(self, most_failures: int) -> None:
        self.result: ForEachResult[Row] = ForEachResult()
        self.fatal: BaseException | None = None
        """Why no further row is begun."""
        self._most_failures = most_failures
        self._lock = threading.Lock()

    @property
    def stopped(self) -> bool:
        return self.fatal is not None

    def count(self, row: Row, fn: Callable[[Row], Any]) -> None:
        try:
            fn(row)
        except Exception as error:
            self._fail(row, error)
        except BaseException as error:
            self.stop(error)
        else:
            with self._lock:
                self.result.done += 1

    def _fail(self, row: Row, error: Exception) -> None:
        if isinstance(error, SluiceError) and error.code in _FATAL:
            self.stop(error)
            return
        with self._lock:
            self.result.failures.append((row, error))
            failed = len(self.result.failures)
        if failed > self._most_failures:
            message = f"for_each: at most {self._most_failures} rows may fail, {failed} have; one of them: {error!r}"
            too_many = SluiceError("TOO_MANY_FAILURES", message, value=self.result)
            too_many.__cause__ = error
            self.stop(too_many)

    def stop(self, why: BaseException) -> None:
        with self._lock:
            self.fatal = self.fatal or why
