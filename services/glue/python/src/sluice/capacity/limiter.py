"""The capacity limiter of one worker. Every request passes through it. See shared/capacity/worker/limiter.ts.

    ledger = Ledger(DynamoDbLedger(client, "jobs", {"pk": {"S": "job-7#write"}}))
    limiter = CapacityLimiter(ledger)
    limiter.open(deadline=time.time() * 1000 + 60_000)
    permit = limiter.acquire()                               # blocks until it is this thread's turn
    answer = dynamodb.put_item(...)                          # one attempt
    permit.charge(consumption_of(answer["ConsumedCapacity"]))
    limiter.close()                                          # gives back what is unspent

Turns are first come, first served. A request in flight is accounted for by an estimate, corrected when it is charged
with what it consumed. Debt is waited out before the next request starts.
"""

from __future__ import annotations

import math
import os
import threading
import weakref
from collections.abc import Callable
from typing import Literal

from sluice.capacity.ledger import Ledger
from sluice.capacity.metering import NOTHING, CapacityLimits, Consumption
from sluice.capacity.worker.scheduler import ThreadScheduler
from sluice.capacity.worker.session import Permit, Session, SessionOptions
from sluice.clock import Clock, system_clock
from sluice.errors import SluiceError

__all__ = ["CapacityLimiter", "Permit"]

_LOOK_S = 0.1
"""A waiting request checks its `stop` at this interval: an event can't wake a thread that waits for something else."""


class CapacityLimiter:
    """Any number of threads may use it at once.

    It has its own threads only from the first request to `close`. So it can be pickled if its ledger can; the copy is
    closed. In a forked process it stays open, as another worker.

    - `limits`: opens the ledger with these limits if it does not exist yet. Without them a missing ledger is an error.
    - `when_paused`: whether requests wait while the ledger is paused, or are turned away with
      `capacity.paused`, for a caller that would rather release its work.
    - `longest_wait_ms`: longest wait of a request. A request that can't start within this time is turned away with
      `capacity.later`, whose `value` is the time when it could start. None: requests wait for as long as it takes.
    - `pause_ms`: how long a worker without requests keeps its credit. 0: it gives its credit back at once, for others
      to use.
    - `on_ledger_error`: called, in a thread of the limiter, when the ledger cannot be reached; it must not raise.
      Requests wait meanwhile; visits go on.
    - `random`: a number between 0 and 1; spreads the workers' visits. None: Python's own.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        clock: Clock = system_clock,
        limits: CapacityLimits | None = None,
        when_paused: Literal["wait", "reject"] = "wait",
        longest_wait_ms: float | None = None,
        pause_ms: float = 0.0,
        on_ledger_error: Callable[[Exception], None] | None = None,
        random: Callable[[], float] | None = None,
    ) -> None:
        longest = math.inf if longest_wait_ms is None else longest_wait_ms
        options = SessionOptions(ledger, limits, when_paused, longest, pause_ms, on_ledger_error, random)
        self.__setstate__((clock, options))

    def __getstate__(self) -> tuple[Clock, SessionOptions]:
        return self._clock, self._options

    def __setstate__(self, state: tuple[Clock, SessionOptions]) -> None:
        self._clock, self._options = state
        self._open: _Open | None = None
        self._limits_before: CapacityLimits | None = None
        self._waited_before = 0.0
        _limiters.add(self)

    @property
    def limits(self) -> CapacityLimits | None:
        """The limits as last seen in the ledger, where an operator may change them; None before the first look."""
        now = self._open
        return (None if now is None else now.session.limits) or self._limits_before

    @property
    def spent_ms(self) -> float:
        """Account time charged since `open`, milliseconds."""
        now = self._open
        return 0.0 if now is None else now.session.spent_ms

    @property
    def consumed(self) -> Consumption:
        """The consumption charged since `open`, in capacity units of the table and of each index."""
        now = self._open
        return NOTHING if now is None else now.session.consumed

    @property
    def waited_ms(self) -> float:
        """Time that requests waited for capacity since `open`, milliseconds.

        With several requests: the time in which at least one waited and none ran. After `close` it stays.
        """
        now = self._open
        if now is None:
            return self._waited_before
        with now.session.lock:
            return now.session.waited_ms

    @property
    def request_ms(self) -> float | None:
        """Average duration of a request lately, without its wait for capacity, milliseconds.

        None while none is done.
        """
        now = self._open
        if now is None:
            return None
        with now.session.lock:
            return now.session.request_ms

    def open(self, deadline: float = math.inf) -> None:
        """Starts a stretch of work. The first request joins the ledger, not this call.

        `deadline`: milliseconds since the epoch after which no request is let through.
        """
        if self._open is not None:
            raise SluiceError("capacity.open", "limiter: must be closed before it is opened")
        self._open = _Open(self._clock, self._options, deadline)

    def extend(self, deadline: float) -> None:
        """Goes on with another stretch of work, until another deadline.

        The worker stays in the ledger with its credit, and knows what its requests cost. A worker that joins anew has
        to find that out, which takes about half a second.
        """
        now = self._open
        if now is None:
            raise SluiceError("capacity.closed", "limiter: must be open to be extended")
        now.extend(deadline)

    def close(self) -> None:
        """Ends the stretch of work: turns waiting requests away and gives unspent capacity back.

        Waits for the ledger, and raises what it raises. Safe to call twice.
        """
        ended = self._open
        if ended is None:
            return
        with ended.session.lock:
            if self._open is not ended:
                return
            self._limits_before = ended.session.limits or self._limits_before
            self._waited_before = ended.session.waited_ms
            self._open = None
        ended.close()

    def acquire(self, stop: threading.Event | None = None) -> Permit:
        """Waits for capacity.

        Raises SluiceError `capacity.deadline`, `capacity.paused` (see `when_paused`), `capacity.later` (see
        `longest_wait_ms`; `value`: when, by this machine's clock) or `capacity.stopped` (`stop` was set meanwhile),
        which are all retryable, or `capacity.closed`; or the ledger's error, if it could not be reached at first.
        """
        now = self._open
        if now is None:
            raise SluiceError("capacity.closed", "limiter: must be open to let requests through")
        session = now.session
        turn: _Turn | None = None
        try:
            with session.lock:
                permit = session.ask()
                if permit is not None:
                    return permit
                turn = _Turn()
                session.queue(turn)
            return turn.wait(stop)
        except BaseException:
            if turn is not None:
                turn.give_up(session)
            raise

    def throttled(self) -> None:
        """A request was throttled: lowers the limit for all workers."""
        now = self._open
        if now is not None:
            with now.session.lock:
                now.session.throttled()

    def _renew(self) -> None:
        """After a fork: the threads are gone, and the lock may be held by one of them."""
        if self._open is not None:
            self._open = _Open(self._clock, self._options, self._open.deadline)


class _Open:
    """A session with threads of its own."""

    def __init__(self, clock: Clock, options: SessionOptions, deadline: float) -> None:
        self.deadline = deadline
        self._scheduler = ThreadScheduler(clock)
        self.session = Session(options, deadline, self._scheduler)

    def extend(self, deadline: float) -> None:
        self.deadline = deadline
        with self.session.lock:
            self.session.extend(deadline)

    def close(self) -> None:
        ended = threading.Event()
        errors: list[Exception] = []

        def done(error: Exception | None) -> None:
            if error is not None:
                errors.append(error)
            ended.set()

        with self.session.lock:
            self.session.close(done)
        ended.wait()
        self._scheduler.close()
        if errors:
            raise errors[0]


class _Turn:
    """A thread that waits."""

    __slots__ = ("_called_back", "_error", "_permit")

    def __init__(self) -> None:
        self._called_back = threading.Lock()
        """Held until then."""
        self._called_back.acquire()
        self._permit: Permit | None = None
        self._error: Exception | None = None

    def granted(self, permit: Permit) -> None:
        self._permit = permit
        self._called_back.release()

    def refused(self, error: Exception) -> None:
        self._error = error
        self._called_back.release()

    def give_up(self, session: Session) -> None:
        """Whatever the reason, such as KeyboardInterrupt."""
        with session.lock:
            session.give_up(self)
        if self._permit is not None:
            self._permit.release()

    def wait(self, stop: threading.Event | None) -> Permit:
        timeout = -1 if stop is None else _LOOK_S
        while stop is None or not stop.is_set():
            if self._called_back.acquire(timeout=timeout):
                if self._permit is None:
                    raise self._error or AssertionError
                return self._permit
        raise SluiceError(
            "capacity.stopped", "limiter: capacity must come free before `stop` is set, but did not", retryable=True
        )


_limiters: weakref.WeakSet[CapacityLimiter] = weakref.WeakSet()


def _after_fork() -> None:
    for limiter in _limiters:
        limiter._renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
