"""The outcomes of a writing job's items. Each item has exactly one outcome. See shared/writing/outcomes.ts."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

CountedOutcome: TypeAlias = Literal["already", "skipped", "conflict", "gone"]
"""Outcomes of items that are decided on without a write."""

Outcome: TypeAlias = Literal["updated", "already", "skipped", "conflict", "gone", "failed"]
"""`updated`: changed by this job, deleted or copied too. `already`: it needed no change. `skipped`: the operation
leaves it as it is. `conflict`: others changed it each time between reading and writing. `gone`: deleted since it was
read. `failed`: can't be processed; on the list of failures."""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
