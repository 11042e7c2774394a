"""Page sizes, segments, samples, requests and cursors are the same as in the TypeScript code."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.stub import ANY, Stubber

from budgets import FixedBudget, source_tools
from golden import typescript_golden
from sluice.aws.dynamo_json import from_json_value, to_json_value
from sluice.sources.line_pages import is_in_sample, page_lines
from sluice.sources.source import UnitOfSource
from sluice.sources.table.page_size import PageSize, page_rcu
from sluice.sources.table.scan import TableScan
from sluice.sources.table.segments import segment_of, segments_of_sample
from sluice.tables.identity import identity_of


def test_a_page_costs_the_same_at_each_rate() -> None:
    for case in typescript_golden("page-costs"):
        assert page_rcu(case["rate"], case["strength"]) == case["rcu"]


class FilteredBudget(FixedBudget):
    def most_items(self, passed: float = 1) -> float | None:
        return None if self.most is None else math.floor(self.most / passed)


@pytest.mark.parametrize("case", typescript_golden("page-sizes"))
def test_pages_have_the_same_sizes_while_rate_time_and_items_change(case: dict[str, Any]) -> None:
    budget = FilteredBudget()
    size = PageSize(budget, case["consistentRead"], case["averageBytes"], case["before"])
    for step in case["steps"]:
        budget.read, budget.most = step["rate"], step["most"]
        assert size.items() == step["items"]
        size.observe(step["scanned"], step["rcu"], step["passed"])


def test_a_page_has_as_many_lines() -> None:
    for case in typescript_golden("page-lines"):
        assert page_lines(FixedBudget(write=case["write"], most=case["most"])) == case["lines"]


def test_a_unit_reads_the_same_segment() -> None:
    for case in typescript_golden("samples")["segments"]:
        assert segment_of(case["unit"], case["units"], case["sample"]) == case["segment"]
        if case["sample"]:
            assert segments_of_sample(case["units"], case["sample"]["share"]) == case["all"]


def test_a_sample_has_the_same_lines() -> None:
    for case in typescript_golden("samples")["lines"]:
        found = [is_in_sample(case["sample"], case["unit"], **place) for place in case["places"]]
        assert found == case["in"]


@pytest.mark.parametrize("case", typescript_golden("scan-pages"))
def test_a_page_is_the_same_request_and_the_same_cursor(case: dict[str, Any]) -> None:
    config = Config(signature_version=UNSIGNED)
    client = boto3.client("dynamodb", region_name="eu-central-1", config=config)
    expected = from_json_value(case["input"])
    unit = UnitOfSource(spec=from_json_value(case["spec"]), unit=2, units=4, average_bytes=4096)
    with Stubber(client) as stub:
        stub.add_response("scan", from_json_value(case["output"]), expected or ANY)
        budget = FixedBudget(read=case["rate"])
        page = TableScan(unit, source_tools(dynamodb=client, budget=budget)).read(case["cursor"])
        stub.assert_no_pending_responses()
    wanted = case["page"]
    assert to_json_value(list(page.items)) == wanted["items"]
    assert page.cursor == wanted.get("cursor")
    assert (page.scanned_items, page.scanned_bytes, page.rcu) == (
        wanted["scannedItems"],
        wanted["scannedBytes"],
        wanted["rcu"],
    )


def test_a_table_has_the_same_identity() -> None:
    for case in typescript_golden("table-identities"):
        table = dict(case["table"])
        if "CreationDateTime" in table:
            table["CreationDateTime"] = datetime.fromisoformat(table["CreationDateTime"].replace("Z", "+00:00"))
        assert identity_of(table, case.get("index")) == case["identity"]
