"""The limiter in Python and in TypeScript, line by line: what each asks of the ledger and when each request starts."""

from __future__ import annotations

import random
from typing import Any

import pytest

from capacity.limiter_scenario import Scenario, run_scenario
from golden import expect_golden, typescript_golden

TRACES: list[dict[str, Any]] = typescript_golden("limiter")


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace["scenario"]["name"])
def test_does_the_same_as_the_limiter_in_typescript(trace: dict[str, Any]) -> None:
    result = run_scenario(trace["scenario"])
    assert result["lines"] == trace["lines"]
    assert (result["item"], result["waited"]) == (trace["item"], trace["waited"])


def test_the_limiter_still_does_what_the_golden_file_holds() -> None:
    scenarios = [any_scenario(seed) for seed in range(12)]
    expect_golden("limiter", [{"scenario": scenario, **run_scenario(scenario)} for scenario in scenarios])


def any_scenario(seed: int) -> Scenario:
    """Workers, requests and disturbances of all kinds at random."""
    chance = random.Random(seed)
    end = 4000
    rate = chance.choice([5, 20, 80, 400])
    workers = [any_worker(chance, rate, end) for _ in range(chance.randint(1, 5))]
    acts = [any_act(chance, rate, len(workers)) for _ in range(chance.randint(0, 4))]
    moments = sorted(chance.uniform(500, end) for _ in acts)
    return {
        "name": f"by chance, {seed}",
        "limits": {"table": rate, "indexes": {"byDate": chance.choice([rate / 2, rate, 3 * rate])}},
        "whenPaused": chance.choice(["wait", "reject"]),
        "latencyMs": chance.choice([[1, 3], [4, 9], [20, 60]]),
        "workers": workers,
        "acts": [{"at": at, **act} for at, act in zip(moments, acts, strict=True)],
        "end": end,
    }


def any_worker(chance: random.Random, rate: float, end: float) -> dict[str, Any]:
    threads = [any_thread(chance, rate, end) for _ in range(chance.choice([1, 2, 6]))]
    optional = {
        "skewMs": chance.uniform(-25, 25),
        "deadline": end * 0.9,
        "longestWaitMs": 500,
        "pauseMs": 300,
    }
    return {"threads": threads, **{name: value for name, value in optional.items() if chance.random() < 0.3}}


def any_thread(chance: random.Random, rate: float, end: float) -> dict[str, Any]:
    most = rate * chance.choice([0.01, 0.05, 0.5, 1.5])
    units = [round(chance.uniform(0.2, 1) * most, 2) for _ in range(chance.randint(1, 4))]
    of_both = [{"table": each, "indexes": {"byDate": round(each * chance.random(), 2)}} for each in units]
    optional = {
        "at": chance.uniform(0, end / 2),
        "count": chance.randint(3, 30),
        "pauseMs": [50, 900],
        "ends": ["charge", "keep", "charge", "release"],
    }
    return {
        "units": chance.choice([units, of_both]),
        "ms": chance.choice([[2, 6], [15, 40], [200, 700]]),
        **{name: value for name, value in optional.items() if chance.random() < 0.3},
    }


def any_act(chance: random.Random, rate: float, workers: int) -> dict[str, Any]:
    kind = chance.choice(["close", "crash", "throttle", "pause", "resume", "break", "mend", "configure"])
    if kind == "configure":
        return {"do": kind, "limits": {"table": rate * chance.choice([0.3, 3])}}
    return {"do": kind, **({"worker": chance.randrange(workers)} if kind in ("close", "crash", "throttle") else {})}
