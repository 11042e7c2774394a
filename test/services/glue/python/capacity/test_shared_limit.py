"""The joint consumption of several tasks under one limit, in virtual time: like the gateway's record, but without a
machine's noise."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from capacity import limiter_scenario
from capacity.limiter_scenario import run_scenario
from capacity.virtual_time import VirtualTime

RATE = 200
END_MS = 20_000
BIN_MS = 10
WRITES, MOVED = 3, 0.3
"""A batch of updates. A part of them moves an entry of the index, which takes two units."""


def batches(seed: int) -> list[dict[str, Any]]:
    random = Random(seed)
    moved = [sum(random.random() < MOVED for _ in range(WRITES)) for _ in range(500)]
    return [{"table": WRITES, "indexes": {"byTag": 2 * each}} for each in moved]


class Record:
    """Units in each hundredth of a second from the first on, by table and index."""

    time: VirtualTime

    def __init__(self) -> None:
        self.charged: list[tuple[float, dict[str, Any]]] = []

    def add(self, units: dict[str, Any]) -> None:
        self.charged.append((self.time.now, units))

    def shares(self) -> list[list[float]]:
        first = self.charged[0][0]
        bins = [[0.0] * (END_MS // BIN_MS + 1) for _ in range(2)]
        for at, units in self.charged:
            place = int((at - first) // BIN_MS)
            bins[0][place] += units["table"] / RATE
            bins[1][place] += units["indexes"]["byTag"] / RATE
        return bins

    def worst_second(self) -> float:
        second = 1_000 // BIN_MS
        return max(sum(bins[start : start + second]) for bins in self.shares() for start in range(len(bins) - second))

    def mean(self) -> float:
        whole = int(END_MS - self.charged[0][0]) // 1_000
        return max(sum(bins[: whole * 1_000 // BIN_MS]) for bins in self.shares()) / whole


@pytest.mark.parametrize("workers", [4, 8])
@pytest.mark.parametrize("seed", [1, 2])
def test_updates_of_tasks_keep_to_the_limit_from_the_first_second_on(
    monkeypatch: pytest.MonkeyPatch, workers: int, seed: int
) -> None:
    record = Record()

    class Trace(limiter_scenario._Trace):
        def __init__(self, scenario: Any) -> None:
            super().__init__(scenario)
            record.time = self.time

        def note(self, who: str, what: str) -> None: ...

    settle = limiter_scenario._settle

    def noted(permit: Any, end: str, units: Any) -> None:
        record.add(units)
        settle(permit, end, units)

    monkeypatch.setattr(limiter_scenario, "_Trace", Trace)
    monkeypatch.setattr(limiter_scenario, "_settle", noted)
    # Each task has two requests at once, as pace.py has it at this rate. One task begins after the other.
    lane = {"ms": (8, 20), "pauseMs": (0, 10)}
    threads = [
        [{**lane, "at": 100 * n, "units": batches(seed + 10 * n + lane_of)} for lane_of in (0, 1)]
        for n in range(workers)
    ]
    limits = {"table": RATE, "indexes": {"byTag": RATE}}
    run_scenario(
        {
            "limits": limits,
            "end": END_MS,
            "whenPaused": "reject",
            "workers": [{"pauseMs": 250, "threads": t} for t in threads],
        }
    )
    assert 0.98 <= record.mean() <= 1.0005
    assert record.worst_second() <= 1.1005
