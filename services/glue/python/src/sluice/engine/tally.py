"""The state of a job's units: done, failed, free, held, or due later. shared/engine/tally.ts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sluice.engine.turns import first_turn
from sluice.jobs.records import Unit


@dataclass(frozen=True)
class Standing:
    """How a unit stands for the workers of an epoch.

    `until`: the end of its holder's lease, or when its next attempt is due.
    """

    state: Literal["done", "failed", "free", "of a later epoch", "held", "due later"]
    until: float | None = None


_FREE = Standing("free")


@dataclass(frozen=True)
class Tally:
    done: int
    """Units that are done, and units that failed for good in this epoch."""
    failed: int
    free: list[int]
    """Numbers of units that anybody may take now."""
    due_at: float | None
    """When the first unit that waits for its next attempt is due. None: none waits."""
    left: list[int]
    """Numbers of all units that have not ended, free ones too."""


def tally_of(units: Iterable[Unit], numbers: Iterable[int], epoch: int, now: float) -> Tally:
    """The tally of the units of these numbers. `units`: those of them that a worker has taken; the others are free."""
    found = {unit.number: standing_of(unit, epoch, now) for unit in units}
    standings = {number: found.get(number, _FREE) for number in numbers}
    states = [standing.state for standing in standings.values()]
    due = [each.until for each in standings.values() if each.state == "due later" and each.until is not None]
    return Tally(
        done=states.count("done"),
        failed=states.count("failed"),
        free=[number for number, standing in standings.items() if standing.state == "free"],
        due_at=min(due, default=None),
        left=[number for number, standing in standings.items() if standing.state not in ("done", "failed")],
    )


def standing_of(unit: Unit, epoch: int, now: float) -> Standing:
    """`unit`: one that a worker has taken at least once; any other is free."""
    if unit.state == "done":
        return Standing("done")
    if unit.state == "failed":
        return Standing("failed") if unit.turn >= first_turn(epoch) else _FREE
    # A unit taken in a later epoch than the worker knows is not for this worker.
    if unit.turn > first_turn(epoch):
        return Standing("of a later epoch")
    if unit.owner is not None and (unit.lease_until or 0) >= now:
        return Standing("held", unit.lease_until)
    # Whoever resumes the job wants the next attempt at once.
    if unit.turn >= first_turn(epoch) and (unit.retry_at or 0) > now:
        return Standing("due later", unit.retry_at)
    return _FREE
