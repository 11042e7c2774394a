"""The state of a job's units: the part of shared/engine/tally.ts for workers that wait for units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sluice.engine.turns import first_turn
from sluice.jobs.records import Unit

Standing: TypeAlias = Literal["done", "failed", "free", "of a later epoch", "held", "due later"]
"""The state of a unit for the workers of an epoch."""


@dataclass(frozen=True)
class Tally:
    free: list[int]
    """Numbers of units that any worker may take now."""
    left: list[int]
    """Numbers of all units that have not ended, free ones too."""


def tally_of(units: Iterable[Unit], numbers: Iterable[int], epoch: int, now: float) -> Tally:
    """The tally of the units of these numbers. `units`: those of them that a worker has taken; the others are free."""
    found = {unit.number: standing_of(unit, epoch, now) for unit in units}
    standings = [(number, found.get(number, "free")) for number in numbers]
    return Tally(
        free=[number for number, standing in standings if standing == "free"],
        left=[number for number, standing in standings if standing not in ("done", "failed")],
    )


def standing_of(unit: Unit, epoch: int, now: float) -> Standing:
    """`unit`: one that a worker has taken at least once; any other is free."""
    if unit.state == "done":
        return "done"
    if unit.state == "failed":
        return "failed" if unit.turn >= first_turn(epoch) else "free"
    # A unit taken in a later epoch than the worker knows is not for this worker.
    if unit.turn > first_turn(epoch):
        return "of a later epoch"
    if unit.owner is not None and (unit.lease_until or 0) >= now:
        return "held"
    # After a resume the next attempt is due at once.
    is_due_later = unit.turn >= first_turn(epoch) and (unit.retry_at or 0) > now
    return "due later" if is_due_later else "free"
