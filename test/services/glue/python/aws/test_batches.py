from __future__ import annotations

import threading

import pytest

from sluice.aws.batches import in_batches


@pytest.mark.parametrize(("size", "concurrency"), [(1, 1), (3, 2), (10, 4), (11, 4)])
def test_batches_give_their_results_in_order(size: int, concurrency: int) -> None:
    items = list(range(10))
    results = in_batches(items, size, concurrency, list)
    assert results == [items[at : at + size] for at in range(0, 10, size)]


def test_without_items_there_is_no_batch() -> None:
    assert in_batches([], 3, 2, lambda _: pytest.fail("no batch")) == []


def test_no_more_batches_are_under_way_than_allowed() -> None:
    lock, both = threading.Lock(), threading.Barrier(2, timeout=60)
    running = most = 0

    def work(_: object) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait()
        with lock:
            running -= 1

    in_batches(range(6), 1, 2, work)
    assert most == 2


def test_after_a_failure_no_further_batch_begins() -> None:
    begun: list[int] = []

    def work(batch: object) -> None:
        (number,) = batch  # type: ignore[misc]
        begun.append(number)
        raise OSError(f"batch {number}")

    with pytest.raises(OSError, match="batch 0"):
        in_batches(range(100), 1, 1, work)
    assert begun == [0]
