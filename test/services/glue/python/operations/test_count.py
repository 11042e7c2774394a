from __future__ import annotations

from typing import Any

from golden import typescript_golden
from pages import page_of, tools_of
from sluice.aws.dynamo_json import from_json_value
from sluice.operations.count import Count


def test_a_count_has_the_same_result() -> None:
    count, tools = Count(), tools_of(None)
    for case in typescript_golden("counts"):
        result: Any = None
        for given in case["pages"]:
            items = [from_json_value(item) for item in given["items"]]
            numbers = {"scanned_items": given["scannedItems"], "scanned_bytes": given["scannedBytes"]}
            result = count.flush(count.page(page_of(items, **numbers), result, tools), tools)
        assert result == case["result"]
    assert count.failures(result) == 0
