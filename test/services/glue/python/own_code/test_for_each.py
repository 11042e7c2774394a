from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from sluice.errors import SluiceError
from sluice.own_code.for_each import for_each


def test_every_row_is_done_or_listed_with_its_error() -> None:
    def even(row: int) -> None:
        if row % 10 == 3:
            raise ValueError(f"row {row}")

    result = for_each(range(1000), even, concurrency=8)
    assert result.done == 900
    assert sorted((row, str(error)) for row, error in result.failures) == [(n, f"row {n}") for n in range(3, 1000, 10)]


def test_without_rows_there_is_no_work() -> None:
    result = for_each([], print)
    assert (result.done, result.failures) == (0, [])


@pytest.mark.parametrize("concurrency", [1, 5])
def test_so_many_calls_are_under_way_and_no_more(concurrency: int) -> None:
    lock = threading.Lock()
    together = threading.Barrier(concurrency)
    now = most = 0

    def call(_: int) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        together.wait(60)
        with lock:
            now -= 1

    for_each(range(10 * concurrency), call, concurrency=concurrency)
    assert most == concurrency


def test_rows_are_read_only_as_fast_as_they_are_done() -> None:
    taken = done = ahead = 0

    def rows() -> Iterator[int]:
        nonlocal taken, ahead
        for number in range(5_000):
            taken += 1
            ahead = max(ahead, taken - done)
            yield number

    def call(_: int) -> None:
        nonlocal done
        done += 1

    for_each(rows(), call, concurrency=1)
    assert done == 5_000
    assert ahead <= 4


def test_too_many_failures_end_it_with_what_was_done() -> None:
    def fail(row: int) -> None:
        if row >= 100:
            raise KeyError(row)

    with pytest.raises(SluiceError) as raised:
        for_each(iter(range(1_000_000)), fail, concurrency=4, most_failures=10)
    assert raised.value.code == "TOO_MANY_FAILURES"
    assert "at most 10 rows may fail, 11 have; one of them: KeyError(" in raised.value.message
    result = raised.value.value
    assert result.done == 100
    assert 11 <= len(result.failures) <= 11 + 4
    assert isinstance(raised.value.__cause__, KeyError)


def test_as_many_failures_as_allowed_are_a_result() -> None:
    def fail(_: int) -> None:
        raise ValueError

    assert len(for_each(range(3), fail, most_failures=3).failures) == 3
    assert for_each(range(3), lambda _: None, most_failures=0).done == 3


@pytest.mark.parametrize("code", ["capacity.closed", "capacity.ledger-missing", "JOB_ENDED"])
def test_the_end_of_the_limit_ends_it(code: str) -> None:
    def refuse(_: int) -> None:
        raise SluiceError(code, "over")

    with pytest.raises(SluiceError) as raised:
        for_each(iter(range(1_000_000)), refuse, concurrency=2)
    assert raised.value.code == code


def test_another_error_of_the_limit_is_a_failure_of_the_row() -> None:
    def refuse(_: int) -> None:
        raise SluiceError("capacity.unlimited-operation", "no")

    assert len(for_each(range(2), refuse).failures) == 2


def test_an_error_in_the_rows_comes_after_the_rows_before_it() -> None:
    done: list[int] = []

    def rows() -> Iterator[int]:
        yield from range(3)
        raise OSError("the file broke off")

    with pytest.raises(OSError, match="broke off"):
        for_each(rows(), done.append, concurrency=1)
    assert done == [0, 1, 2]


def test_an_interrupt_leaves_rows_that_have_not_begun() -> None:
    begun = threading.Event()
    go_on = threading.Event()
    done: list[int] = []

    def rows() -> Iterator[int]:
        yield from range(2)
        begun.wait(60)
        threading.Timer(0.05, go_on.set).start()
        raise KeyboardInterrupt

    def call(row: int) -> None:
        begun.set()
        go_on.wait(60)
        done.append(row)

    with pytest.raises(KeyboardInterrupt):
        for_each(rows(), call, concurrency=1)
    assert done == [0]


def test_an_exit_in_a_call_ends_it() -> None:
    def leave(_: int) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        for_each(iter(range(1_000_000)), leave)


@pytest.mark.parametrize("options", [{"concurrency": 0}, {"most_failures": -1}])
def test_wrong_options_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(SluiceError) as raised:
        for_each([1], print, **options)
    assert raised.value.code == "INVALID_REQUEST"
