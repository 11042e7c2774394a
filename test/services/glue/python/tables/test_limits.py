"""The limits of tables at certain rates are those of the start function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from golden import typescript_golden
from sluice.tables.limits import RateLimits, limits_of, low_rate, rate_problem


@pytest.mark.parametrize("case", typescript_golden("table-limits"))
def test_limits_of_a_table_are_as_in_typescript(case: Mapping[str, Any]) -> None:
    table, rate = case["table"], case["rate"]
    assert portable(limits_of(table, rate, "write")) == {
        "limits": {"indexes": {}, **case["write"]["limits"]},
        **most(case),
    }
    assert low_rate(limits_of(table, rate, "write")) == case["tooLow"]
    read = limits_of(table, rate, "read")
    assert (read.limits.table, read.most) == (case["read"]["limits"]["table"], case["read"]["most"])
    for name, expected in case["readOfIndexes"].items():
        # Here one limit is for the table and all its indexes, so no limit may exceed what the table allows.
        assert read.limits.indexes.get(name, read.limits.table) == min(expected["limits"]["table"], expected["most"])


def portable(found: RateLimits) -> Mapping[str, Any]:
    return {"limits": {"table": found.limits.table, "indexes": found.limits.indexes}, "most": found.most}


def most(case: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"most": case["write"]["most"]}


@pytest.mark.parametrize("case", typescript_golden("rates"), ids=lambda case: str(case["rate"]))
def test_a_rate_is_judged_as_in_typescript(case: Mapping[str, Any]) -> None:
    assert rate_problem(case["rate"]) == case["problem"]


@pytest.mark.parametrize("rate", [float("inf"), float("nan"), object()])
def test_a_rate_is_finite(rate: object) -> None:
    assert rate_problem(rate) is not None
