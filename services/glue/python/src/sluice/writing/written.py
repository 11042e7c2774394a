"""The result of a unit that changes items. Its size does not depend on the table's. See shared/writing/written.ts.

Results are kept in the JSON form that workers in TypeScript read and write:
`{"outcomes": {…}, "consumed": {"table": 3, "indexes": {…}}, "failures": {"CONFLICT": 1}, "failureObjects": 1,
"beforeObjects": 0, "lookupRcu": 7, "examples": […]}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluice.capacity.metering import Consumption, add_consumption
from sluice.writing.outcomes import OUTCOMES

MOST_EXAMPLES = 20
"""Examples of a job, and of each of its units."""


def nothing_written() -> dict[str, Any]:
    return {
        "outcomes": dict.fromkeys(OUTCOMES, 0),
        "consumed": {"table": 0},
        "failures": {},
        "failureObjects": 0,
        "beforeObjects": 0,
    }


def add_written(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    """The sum of two results. Their objects are counted, not numbered."""
    consumed = add_consumption(Consumption(**a["consumed"]), Consumption(**b["consumed"]))
    lookup_rcu = a.get("lookupRcu", 0) + b.get("lookupRcu", 0)
    examples = [*a.get("examples", ()), *b.get("examples", ())][:MOST_EXAMPLES]
    return {
        "outcomes": {name: a["outcomes"][name] + b["outcomes"][name] for name in OUTCOMES},
        "consumed": consumption_json(consumed),
        "failures": _add_counts(a["failures"], b["failures"]),
        "failureObjects": a["failureObjects"] + b["failureObjects"],
        "beforeObjects": a["beforeObjects"] + b["beforeObjects"],
        **({"lookupRcu": lookup_rcu} if lookup_rcu > 0 else {}),
        **({"examples": examples} if examples else {}),
    }


def consumption_json(consumption: Consumption) -> dict[str, Any]:
    """A consumption as results have it."""
    indexes = {"indexes": dict(consumption.indexes)} if consumption.indexes else {}
    return {"table": consumption.table, **indexes}


def _add_counts(a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
    return {**a, **{name: a.get(name, 0) + count for name, count in b.items()}}
