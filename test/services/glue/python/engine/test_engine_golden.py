"""The engine's decisions without any store are those that test/golden/engine.test.ts wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    IncompleteReadError,
    MetadataRetrievalError,
    NoCredentialsError,
    ReadTimeoutError,
)

from golden import typescript_golden
from sluice.aws.transient import is_transient
from sluice.engine.budget import Budget
from sluice.engine.crew import Measured, fitting_chains
from sluice.engine.moving_rate import moving_rate
from sluice.engine.shuffle import shuffled_units
from sluice.engine.tables_check import identity_problem
from sluice.engine.tally import standing_of, tally_of
from sluice.engine.times import divide_time, spread_first, unit_backoff_ms
from sluice.engine.turns import first_turn, last_turn
from sluice.engine.verdict import verdict_of
from sluice.errors import SluiceError
from sluice.jobs.records import Unit, job_of
from sluice.sources.registry import source_reader


def test_the_order_of_units() -> None:
    for case in typescript_golden("shuffled-units"):
        assert shuffled_units(case["count"], case["seed"]) == case["units"]


def test_turns_times_and_back_offs() -> None:
    golden = typescript_golden("engine-times")
    for case in golden["epochs"]:
        assert (first_turn(case["epoch"]), last_turn(case["epoch"])) == (case["first"], case["last"])
    for case in golden["times"]:
        time = divide_time(case["startedAt"], case["ms"])
        moments = (time.stop_at, time.deadline, time.work_ends_at, time.ends_at)
        assert moments == (case["stopAt"], case["deadline"], case["workEndsAt"], case["endsAt"])
        first = spread_first(time, lambda: 0.3)
        assert (first.stop_at, first.ends_at) == (pytest.approx(case["first"], rel=1e-15), time.ends_at)
    for case in golden["backoffs"]:
        assert unit_backoff_ms(case["attempts"], lambda case=case: case["random"]) == case["ms"]


def test_moving_rates() -> None:
    for case in typescript_golden("moving-rates"):
        assert moving_rate(case["rate"], case["units"], case["seconds"]) == pytest.approx(case["next"], rel=1e-12)


def test_page_budgets() -> None:
    for case in typescript_golden("page-budgets"):
        clock = _Clock()
        rates = {"write": case["write"], "read": 100, "lookup": case["lookup"]}
        budget = Budget(clock, clock.at + 52_000, lambda purpose, rates=rates: rates[purpose])
        most = [budget.most_items()]
        for items, ms in case["observed"]:
            budget.observe(items, ms)
            clock.at += 9_000
            most.append(budget.most_items())
        assert most == case["most"]


def test_the_number_of_workers_that_fits() -> None:
    for case in typescript_golden("fitting-chains"):
        measured = Measured(case["busy"], case["used"], case["factor"])
        assert fitting_chains(case["chains"], measured, case["most"]) == case["fits"], case


def test_the_standing_of_units() -> None:
    golden = typescript_golden("unit-standings")
    units = [_unit(case) for case in golden["standings"]]
    for unit, case in zip(units, golden["standings"], strict=True):
        assert standing_of(unit, golden["epoch"], golden["now"]) == case["standing"]["is"]
    tally = tally_of(units, range(golden["units"]), golden["epoch"], golden["now"])
    expected = golden["tally"]
    assert sorted(tally.free) == sorted(expected["free"])
    assert len(tally.left) == golden["units"] - expected["done"] - expected["failed"]


def test_whether_a_source_is_the_one_that_the_job_began_with() -> None:
    for case in typescript_golden("identity-problems"):
        assert identity_problem(case["before"], case["now"], "answers") == case["problem"]


def test_which_errors_no_unit_can_get_past() -> None:
    job = job_of(next(case["args"][0] for case in typescript_golden("job-stores") if case["method"] == "stop"))
    for case in typescript_golden("verdicts"):
        target = None if case["target"] is None else {"name": case["target"]}
        error = _client_error({**case, **_OF_AWS}) if case["aws"] else SluiceError(case["code"], "m")
        is_own = case["operation"] == "count"
        reader = source_reader(job.source)
        assert verdict_of(error, replace(job, target=target), False, reader, is_own) == case["verdict"], case


def test_which_errors_of_aws_pass() -> None:
    for case in typescript_golden("transient-errors"):
        assert is_transient(_client_error(case)) is case["passes"], case


@pytest.mark.parametrize("kind", [EndpointConnectionError, ConnectTimeoutError, ReadTimeoutError])
def test_a_connection_that_breaks_may_come_back(kind: type[Exception]) -> None:
    assert is_transient(kind(endpoint_url="http://127.0.0.1:1"))  # type: ignore[call-arg]


def test_an_error_of_ones_own_code_stays() -> None:
    assert not is_transient(ValueError("no"))
    assert not is_transient(NoCredentialsError())


@pytest.mark.parametrize(
    "error",
    [
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
        CredentialRetrievalError(provider="iam-role", error_msg="no answer"),
        MetadataRetrievalError(error_msg="no answer"),
    ],
)
def test_an_answer_that_was_cut_off_and_credentials_that_were_not_renewed_pass(error: BotoCoreError) -> None:
    assert is_transient(error)


_OF_AWS = {"status": 400, "message": "m", "reasons": None}


class _Clock:
    at = 1_800_000_000_000.0

    def now(self) -> float:
        return self.at

    def sleep(self, ms: float) -> None:
        raise NotImplementedError


def _unit(case: dict[str, Any]) -> Unit:
    return Unit(
        number=case["number"],
        state=case["state"],
        turn=case["turn"],
        owner=case.get("owner"),
        lease_until=case.get("leaseUntil"),
        retry_at=case.get("retryAt"),
    )


def _client_error(case: dict[str, Any]) -> ClientError:
    reasons = [{} if code is None else {"Code": code} for code in case["reasons"] or []]
    response: Any = {
        "Error": {"Code": case["code"], "Message": case["message"]},
        "ResponseMetadata": {"HTTPStatusCode": case["status"]},
        "CancellationReasons": reasons,
    }
    return ClientError(response, "Any")
