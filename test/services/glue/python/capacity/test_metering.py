from __future__ import annotations

import math
from typing import Any

import pytest

from capacity.forms import consumption_from, limits_from
from golden import typescript_golden
from sluice.capacity.metering import (
    CapacityLimits,
    Consumption,
    add_consumption,
    check_limits,
    consumption_of,
    cost_ms,
    cost_ratio,
    failed_write_capacity_units,
    lowest_limit,
    read_bytes,
    read_capacity_units,
    same_limits,
    since_consumption,
    write_capacity_units,
)
from sluice.errors import SluiceError

GOLDEN: dict[str, list[dict[str, Any]]] = typescript_golden("metering")


def test_reads_what_a_request_consumed() -> None:
    for case in GOLDEN["consumptionOf"]:
        assert consumption_of(case["capacity"]) == consumption_from(case["consumption"])


def test_adds_and_subtracts_resource_by_resource() -> None:
    for case in GOLDEN["sums"]:
        a, b = consumption_from(case["a"]), consumption_from(case["b"])
        assert add_consumption(a, b) == consumption_from(case["sum"])
        assert since_consumption(a, b) == consumption_from(case["since"])


def test_costs_the_time_of_the_resource_that_is_used_most() -> None:
    for case in GOLDEN["costs"]:
        consumption, limits = consumption_from(case["consumption"]), limits_from(case["limits"])
        assert cost_ms(consumption, limits, case["factor"]) == case["ms"]


def test_compares_limits() -> None:
    for case in GOLDEN["lowest"]:
        assert lowest_limit(limits_from(case["limits"])) == case["lowest"]
    for case in GOLDEN["ratios"]:
        a, b = limits_from(case["a"]), limits_from(case["b"])
        assert (cost_ratio(a, b), same_limits(a, b)) == (case["ratio"], case["same"])


def test_refuses_all_wrong_limits_at_once() -> None:
    for case in GOLDEN["wrong"]:
        limits = limits_from(case["limits"])
        if case["message"] is None:
            check_limits(limits)
            continue
        with pytest.raises(SluiceError) as raised:
            check_limits(limits)
        assert (raised.value.code, raised.value.message) == ("capacity.limits-invalid", case["message"])


@pytest.mark.parametrize("wrong", [math.nan, math.inf, None, "5", True])
def test_refuses_limits_that_are_no_numbers(wrong: Any) -> None:
    with pytest.raises(SluiceError, match="byDate"):
        check_limits(CapacityLimits(5, {"byDate": wrong}))


def test_turns_sizes_into_capacity_units() -> None:
    for case in GOLDEN["reads"]:
        units = read_capacity_units(case["bytes"], case["consistency"])
        assert (units, read_bytes(units, case["consistency"])) == (case["units"], case["paid"])
    for case in GOLDEN["writes"]:
        before, after, transactional = case["before"], case["after"], case["transactional"]
        assert write_capacity_units(after, transactional) == case["units"]
        assert failed_write_capacity_units(before, after, transactional) == case["failed"]


def test_nothing_counts_as_consumed_if_nothing_is_reported() -> None:
    assert consumption_of({}) == Consumption()
