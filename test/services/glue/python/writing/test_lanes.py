from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from sluice.writing.lanes import BatchQueue, in_lanes


@dataclass
class Queued:
    id: str
    bytes: int = 0


def taker(batches: list[list[int]]):
    waiting = iter(batches)
    return lambda: next(waiting, [])


def test_every_batch_is_worked_on_once_and_as_many_at_once_as_there_are_lanes():
    together = threading.Barrier(3)
    done: list[int] = []

    def work(batch: Sequence[int]) -> None:
        together.wait(60)
        done.extend(batch)

    in_lanes(lambda: 3, taker([[n, -n] for n in range(9)]), work)
    assert sorted(done) == sorted([n for each in range(9) for n in (each, -each)])


def test_one_lane_works_in_the_calling_thread():
    threads = []
    in_lanes(lambda: 1, taker([[1], [2]]), lambda _: threads.append(threading.current_thread()))
    assert threads == [threading.current_thread()] * 2


def test_lanes_become_more_while_they_work():
    """How long a request takes is known only once one is done."""
    first = threading.Barrier(2)
    later = threading.Barrier(6)
    known = threading.Event()

    def work(batch: Sequence[int]) -> None:
        if batch[0] < 2:
            first.wait(60)
            known.set()
        else:
            later.wait(60)

    in_lanes(lambda: 6 if known.is_set() else 2, taker([[n] for n in range(8)]), work)


def test_after_a_failure_no_batch_begins_and_those_under_way_end_first():
    together = threading.Barrier(2)
    done: list[int] = []

    def work(batch: Sequence[int]) -> None:
        together.wait(60)
        if batch == [0]:
            raise ValueError("the first")
        done.extend(batch)

    with pytest.raises(ValueError, match="the first"):
        in_lanes(lambda: 2, taker([[n] for n in range(2)]), work)
    assert done == [1]
    begun: list[int] = []

    def fail(batch: Sequence[int]) -> None:
        begun.extend(batch)
        raise KeyError(batch[0])

    with pytest.raises(KeyError):
        in_lanes(lambda: 1, taker([[n] for n in range(100)]), fail)
    assert begun == [0]


def test_a_failure_to_take_a_batch_is_raised():
    def take() -> Sequence[int]:
        raise RuntimeError("no limits")

    with pytest.raises(RuntimeError, match="no limits"):
        in_lanes(lambda: 2, take, lambda _: None)


def test_no_batch_holds_the_same_entry_twice_and_no_entry_is_lost():
    queue = BatchQueue([Queued(each) for each in "abacaad"])
    batches = []
    while batch := queue.take(3):
        batches.append("".join(each.id for each in batch))
    assert all(len(set(batch)) == len(batch) for batch in batches)
    assert sorted("".join(batches)) == sorted("abacaad")


def test_a_batch_of_several_has_at_most_a_size_in_bytes():
    queue = BatchQueue([Queued(str(n), size) for n, size in enumerate([5, 5, 9, 30, 1])], 10)
    sizes = []
    while batch := queue.take(25):
        sizes.append([each.bytes for each in batch])
    assert sizes == [[5, 5], [9], [30], [1]]
