"""When a worker looks for a pause."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from sluice.engine.pause_watch import PauseWatch


@dataclass
class Ground:
    """A job that is paused, and the watch of one of its workers."""

    ms: float = 5_000.0
    spent_ms: float = 0.0
    looks: int = 0
    watch: PauseWatch = field(init=False)

    def __post_init__(self) -> None:
        self.watch = PauseWatch(cast(Any, self), cast(Any, self), lambda: self.spent_ms)

    def now(self) -> float:
        return self.ms

    def head(self, job: str) -> Any:
        self.looks += 1
        return SimpleNamespace(is_active=False)

    def at(self, ms: float) -> bool:
        self.ms = 5_000 + ms
        return self.watch.is_paused("job")


def test_it_looks_after_two_seconds() -> None:
    ground = Ground()
    assert [ground.at(0), ground.at(1_999), ground.at(2_000)] == [False, False, True]
    assert ground.looks == 1


def test_it_does_not_look_while_requests_spend_capacity_because_the_ledgers_show_a_pause() -> None:
    ground = Ground()
    for seconds in (2, 10, 60):
        ground.spent_ms += 1
        assert not ground.at(1_000 * seconds)
    assert ground.looks == 0


def test_it_looks_again_two_seconds_after_the_last_request() -> None:
    ground = Ground(spent_ms=1)
    ground.spent_ms = 2
    assert [ground.at(10_000), ground.at(11_999), ground.at(12_000)] == [False, False, True]
