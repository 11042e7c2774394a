"""The limiter in threads and processes. test_limiter_golden.py shows in virtual time how it spends capacity."""

from __future__ import annotations

import math
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from types import FrameType
from typing import Any

import pytest

from capacity.virtual_time import MemoryLedger
from dynamodb_local import DynamoDbLocal, create_table
from sluice.capacity.ledger import DynamoDbLedger, Ledger
from sluice.capacity.ledger.item import LedgerChange, Updated
from sluice.capacity.limiter import CapacityLimiter, Permit
from sluice.capacity.metering import CapacityLimits, Consumption
from sluice.clock import system_clock
from sluice.errors import SluiceError

FAST = CapacityLimits(1e6)
"""Limits that hold nobody up."""
SLOW = CapacityLimits(0.001)
"""Limits under which a second request waits for longer than any test."""


class Store(MemoryLedger):
    """A ledger that several threads use, and that can be out of reach."""

    def __init__(self) -> None:
        super().__init__()
        self.out_of_reach = False
        self._lock = threading.Lock()

    def update(self, change: LedgerChange) -> Updated:
        if self.out_of_reach:
            raise ConnectionError("out of reach")
        with self._lock:
            return super().update(change)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def limiter(store: Store) -> Iterator[Callable[..., CapacityLimiter]]:
    """Makes open limiters. All are closed at the end, and leave no thread behind."""
    made: list[CapacityLimiter] = []

    def make(limits: CapacityLimits | None = FAST, deadline: float | None = None, **options: Any) -> CapacityLimiter:
        made.append(CapacityLimiter(Ledger(store), limits=limits, **options))
        made[-1].open() if deadline is None else made[-1].open(deadline)
        return made[-1]

    yield make
    store.out_of_reach = False
    for each in made:
        each.close()
    assert own_threads() == []


def own_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("sluice-")]


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(SluiceError) as raised:
        call()
    return raised.value.code


def in_thread(call: Callable[[], Any]) -> Callable[[], Any]:
    """Starts a call. The returned function waits for the result, or raises the call's error."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return lambda: future.result(60)


def waiting(limiter: CapacityLimiter, count: int = 1) -> None:
    """Returns once so many requests wait."""
    assert limiter._open is not None
    session = limiter._open.session
    while True:
        with session.lock:
            if len(session._queue) >= count:
                return
        system_clock.sleep(1)


def spend(limiter: CapacityLimiter, units: float = 1) -> None:
    limiter.acquire().charge(Consumption(units))


def test_lets_each_of_many_threads_through_and_counts_what_they_consumed(store: Store, limiter: Any) -> None:
    one = limiter()

    def work() -> None:
        for _ in range(50):
            one.acquire().charge(Consumption(2, {"byDate": 3}))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one.consumed == Consumption(1600, {"byDate": 2400})
    assert one.spent_ms == pytest.approx(800 * 0.003)
    assert one.limits == FAST
    one.close()
    assert store.item is not None
    assert (store.item.workers, store.item.cost_count) == (0, 800)
    assert store.item.cost_sum == pytest.approx(800 * 0.003)


def test_has_no_thread_and_asks_nothing_before_the_first_request(store: Store, limiter: Any) -> None:
    one = limiter()
    assert own_threads() == []
    one.close()
    assert store.item is None


def test_must_be_open_and_open_only_once(limiter: Any) -> None:
    one = limiter()
    assert code_of(one.open) == "capacity.open"
    spend(one)
    one.close()
    one.close()
    assert code_of(one.acquire) == "capacity.closed"
    one.throttled()
    one.open()
    spend(one)
    assert one.consumed == Consumption(1)


def test_keeps_what_it_knew_after_it_was_closed(limiter: Any) -> None:
    one = limiter()
    spend(one)
    one.close()
    assert (one.limits, one.spent_ms, one.consumed) == (FAST, 0, Consumption())
    assert one.waited_ms > 0


def test_closing_turns_away_requests_that_wait(limiter: Any) -> None:
    one = limiter(SLOW)
    spend(one)
    results = [in_thread(one.acquire) for _ in range(3)]
    waiting(one, 3)
    one.close()
    assert [code_of(result) for result in results] == ["capacity.closed"] * 3


def test_a_request_that_is_told_to_stop_leaves_the_line(limiter: Any) -> None:
    one = limiter(SLOW)
    spend(one)
    stop = threading.Event()
    stopped = in_thread(lambda: one.acquire(stop))
    waiting(one)
    going_on = in_thread(one.acquire)
    waiting(one, 2)
    stop.set()
    assert code_of(stopped) == "capacity.stopped"
    one.close()
    assert code_of(going_on) == "capacity.closed"


def test_a_request_that_was_told_to_stop_before_waits_for_nothing(limiter: Any) -> None:
    one = limiter(SLOW)
    stop = threading.Event()
    stop.set()
    assert code_of(lambda: one.acquire(stop)) == "capacity.stopped"


def test_turns_away_all_requests_that_still_wait_at_the_deadline_and_all_later_ones(limiter: Any) -> None:
    deadline = system_clock.now() + 300
    one = limiter(SLOW, deadline=deadline)
    spend(one)
    with pytest.raises(SluiceError) as raised:
        one.acquire()
    assert (raised.value.code, raised.value.value, raised.value.retryable) == ("capacity.deadline", deadline, True)
    assert code_of(one.acquire) == "capacity.deadline"


def test_goes_on_until_another_deadline_with_the_same_place_in_the_ledger(store: Store, limiter: Any) -> None:
    first = system_clock.now() + 300
    one = limiter(SLOW, deadline=first)
    spend(one)
    result = in_thread(one.acquire)
    waiting(one)
    one.extend(first + 700)
    spent = one.spent_ms
    system_clock.sleep(500)
    # The first deadline has passed, and the request still waits.
    waiting(one)
    assert store.item is not None
    assert (store.item.workers, one.spent_ms) == (1, spent)
    assert code_of(result) == "capacity.deadline"
    assert code_of(one.acquire) == "capacity.deadline"
    one.extend(math.inf)
    result = in_thread(one.acquire)
    waiting(one)
    one.close()
    assert code_of(result) == "capacity.closed"
    assert code_of(lambda: one.extend(math.inf)) == "capacity.closed"


def test_a_deadline_may_be_extended_before_the_first_request(store: Store, limiter: Any) -> None:
    one = limiter(SLOW, deadline=system_clock.now() - 1)
    one.extend(system_clock.now() + 60_000)
    spend(one)


def test_turns_a_request_away_at_once_if_it_would_wait_for_too_long(limiter: Any) -> None:
    one = limiter(SLOW, longest_wait_ms=1000)
    spend(one)
    before = system_clock.now()
    with pytest.raises(SluiceError) as raised:
        one.acquire()
    assert raised.value.code == "capacity.later"
    assert raised.value.value > before + 900_000


def test_waits_out_a_pause(store: Store, limiter: Any) -> None:
    one = limiter()
    spend(one)
    Ledger(store).pause(True)
    result = in_thread(lambda: [spend(one) for _ in range(2000)])
    waiting(one)
    Ledger(store).pause(False)
    result()


def test_is_turned_away_by_a_pause_if_asked_for(store: Store, limiter: Any) -> None:
    Ledger(store).create(FAST, system_clock.now())
    Ledger(store).pause(True)
    one = limiter(when_paused="reject")
    assert code_of(one.acquire) == "capacity.paused"
    assert code_of(one.acquire) == "capacity.paused"


def test_a_ledger_that_could_not_be_reached_at_first_is_the_callers_error(store: Store, limiter: Any) -> None:
    errors: list[Exception] = []
    one = limiter(on_ledger_error=errors.append)
    store.out_of_reach = True
    with pytest.raises(ConnectionError):
        one.acquire()
    assert [str(error) for error in errors] == ["out of reach"]
    store.out_of_reach = False
    spend(one)


def test_a_missing_ledger_is_an_error_without_limits_to_open_it_with(limiter: Any) -> None:
    assert code_of(limiter(limits=None).acquire) == "capacity.ledger-missing"


def test_goes_on_by_itself_when_a_ledger_that_was_lost_is_back(store: Store, limiter: Any) -> None:
    lost = threading.Event()
    one = limiter(CapacityLimits(1000), on_ledger_error=lambda error: lost.set())
    spend(one)
    store.out_of_reach = True
    result = in_thread(lambda: [spend(one, 100) for _ in range(8)])
    assert lost.wait(60)
    store.out_of_reach = False
    result()


def test_a_callback_that_raises_ends_neither_the_visits_nor_the_closing(store: Store, limiter: Any) -> None:
    lost = threading.Event()

    def fail(error: Exception) -> None:
        lost.set()
        raise AttributeError("of the callback")

    one = limiter(CapacityLimits(1000), on_ledger_error=fail)
    spend(one)
    store.out_of_reach = True
    result = in_thread(lambda: [spend(one, 100) for _ in range(8)])
    assert lost.wait(60)
    store.out_of_reach = False
    result()


def test_an_error_of_the_ledger_on_closing_is_raised(store: Store, limiter: Any) -> None:
    one = limiter()
    spend(one)
    store.out_of_reach = True
    with pytest.raises(ConnectionError):
        one.close()
    assert own_threads() == []


def test_reports_throttles_to_the_ledger(store: Store, limiter: Any) -> None:
    one = limiter(CapacityLimits(500))
    spend(one)
    one.throttled()
    while store.item is None or store.item.factor == 1:
        spend(one)
    assert store.item.factor == pytest.approx(0.8)


@pytest.mark.parametrize("end", [Permit.keep, Permit.release])
def test_an_attempt_that_nobody_knows_of_or_that_consumed_nothing_lets_others_go_on(end: Any, limiter: Any) -> None:
    one = limiter()
    for _ in range(20):
        spend(one)
        end(one.acquire())
    assert one.consumed == Consumption(20)


def test_an_exception_raised_while_a_thread_waits_loses_nothing(store: Store, limiter: Any) -> None:
    """Such as KeyboardInterrupt in the main thread."""

    struck = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not struck.is_set():
            struck.set()
            raise InterruptedError

    def kill() -> None:
        waiting(one)
        # A signal that arrives just before the thread begins to wait for its lock doesn't wake it.
        while not struck.wait(0.1):
            os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        Ledger(store).create(FAST, system_clock.now())
        Ledger(store).pause(True)
        one = limiter()
        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(InterruptedError):
            one.acquire()
        killer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    Ledger(store).pause(False)
    # The first request of unknown cost goes alone, so this one would wait for a request that never ends.
    spend(one)


def test_a_copy_that_was_pickled_is_closed_and_works_by_itself() -> None:
    one = CapacityLimiter(Ledger(MemoryLedger()), limits=FAST, when_paused="reject")
    one.open()
    spend(one)
    copy: CapacityLimiter = pickle.loads(pickle.dumps(one))
    one.close()
    assert code_of(copy.acquire) == "capacity.closed"
    copy.open()
    spend(copy)
    copy.close()
    assert own_threads() == []


def test_goes_on_in_a_forked_process_as_another_worker(dynamodb_local: DynamoDbLocal) -> None:
    create_table(dynamodb_local.client(), "forked", "pk")
    store = DynamoDbLedger(dynamodb_local.client(), "forked", {"pk": {"S": "ledger"}})
    one = CapacityLimiter(Ledger(store), limits=FAST)
    one.open()
    spend(one)

    def child() -> None:
        for _ in range(10):
            spend(one)
        assert one.consumed == Consumption(10)
        one.close()

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    spend(one)
    process.join()
    one.close()
    assert process.exitcode == 0
    item = store.read()
    assert item is not None
    assert (item.workers, item.cost_count) == (0, 12)
