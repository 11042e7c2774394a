"""One task for each slot of the executors, also for slots that are added during the run.

Executors register after the script has begun. They may be lost and replaced, and others may be added. Spark itself
gives the task of a lost executor to another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")

_WAVES = 32
"""The most times that the number of slots grows while earlier tasks run."""


def run_in_slots(
    slots: Callable[[], int], run: Callable[[range, int], Sequence[T]], look_seconds: float = 10
) -> list[T]:
    """Runs tasks until all have ended, and returns their results.

    `slots`: how many there are now. `run(numbers, slots)`: runs the tasks with these numbers to their end.
    `look_seconds`: the interval between checks for further slots.
    """
    answers: list[T] = []
    started = 0
    running: set[Future[Sequence[T]]] = set()
    with ThreadPoolExecutor(_WAVES) as pool:
        while running or started == 0:
            now = slots()
            if now > started:
                running.add(pool.submit(run, range(started, now), now))
                started = now
            done, running = wait(running, look_seconds, FIRST_COMPLETED)
            for each in done:
                answers += each.result()
    return answers
