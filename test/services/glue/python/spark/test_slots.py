from __future__ import annotations

import threading

import pytest

from sluice.spark.slots import run_in_slots


def test_slots_that_come_later_get_tasks_of_their_own() -> None:
    counts = iter([2, 2, 5, 4])
    waves: list[tuple[range, int]] = []
    last = threading.Event()

    def run(numbers: range, slots: int) -> list[int]:
        waves.append((numbers, slots))
        if len(waves) == 2:
            last.set()
        # The first wave goes on until the second one has begun.
        assert last.wait(60)
        return list(numbers)

    answers = run_in_slots(lambda: next(counts, 5), run, look_seconds=0.01)
    assert waves == [(range(0, 2), 2), (range(2, 5), 5)]
    assert sorted(answers) == [0, 1, 2, 3, 4]


def test_tasks_that_fail_for_good_fail_the_run() -> None:
    def run(numbers: range, slots: int) -> list[int]:
        raise RuntimeError("lost 100 times")

    with pytest.raises(RuntimeError, match="lost 100 times"):
        run_in_slots(lambda: 1, run)
