"""How workers that the ledger does not count are counted. See test_limiter_golden.py for crashed workers."""

from __future__ import annotations

from dataclasses import replace

from sluice.capacity.ledger.item import LedgerItem
from sluice.capacity.metering import CapacityLimits
from sluice.capacity.worker.active_workers import ActiveWorkers

ITEM = LedgerItem(
    until=0,
    reservations=0,
    workers=2,
    cost_sum=0,
    cost_count=0,
    limits=CapacityLimits(1),
    paused=False,
    factor=1,
    factor_at=0,
)


def turns(workers: ActiveWorkers, active: int, count: int, steady: bool = True) -> None:
    for turn in range(count):
        workers.turn(replace(ITEM, reservations=active * turn), steady)


def test_many_turns_of_others_between_own_turns_correct_the_number_upwards() -> None:
    workers = ActiveWorkers()
    turns(workers, active=9, count=33)
    assert (workers.correction, workers.count) == (9, 9)


def test_as_many_turns_as_the_number_explains_change_nothing() -> None:
    workers = ActiveWorkers()
    turns(workers, active=8, count=33)
    assert (workers.correction, workers.count) == (None, 2)


def test_a_worker_that_had_no_work_in_between_does_not_judge() -> None:
    workers = ActiveWorkers()
    turns(workers, active=9, count=200, steady=False)
    assert (workers.correction, workers.count) == (None, 2)


def test_a_number_that_is_too_high_all_the_time_is_lowered_while_workers_come_and_go() -> None:
    workers = ActiveWorkers()
    for turn in range(33):
        workers.turn(replace(ITEM, workers=40 + turn % 5, reservations=8 * turn), steady=True)
    assert workers.correction == 21


def test_a_number_that_was_right_in_between_stays() -> None:
    workers = ActiveWorkers()
    for turn in range(33):
        workers.turn(replace(ITEM, workers=18 if turn == 9 else 40, reservations=8 * turn), steady=True)
    assert workers.correction is None
