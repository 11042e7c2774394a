"""The source `table` on DynamoDB Local."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from budgets import FixedBudget, source_tools
from dynamodb_local import DynamoDbLocal, create_table
from sluice.aws.item import Item
from sluice.sources.registry import source_reader
from sluice.sources.source import SourcePage, SourceTools, UnitOfSource
from sluice.sources.table.reader import TableReader

MEMBERS = {"L": [{"B": b"\x01"}, {"M": {"B": {"S": "no binary"}, "BS": {"BS": [b"", b"\x02"]}}}]}


def item(number: int) -> Item:
    return {
        "id": {"S": f"é🦊{number}"},
        "n": {"N": str(number)},
        "B": {"B": bytes([number % 256, 255])},
        "members": MEMBERS,
        "text": {"S": "x" * (number % 50)},
    }


@pytest.fixture
def dynamodb(dynamodb_local: DynamoDbLocal) -> Any:
    return dynamodb_local.client()


@pytest.fixture
def table(dynamodb: Any) -> str:
    name = f"answers-{uuid4().hex}"
    create_table(dynamodb, name, "id")
    for number in range(120):
        dynamodb.put_item(TableName=name, Item=item(number))
    return name


def pages_of(spec: dict[str, Any], tools: SourceTools, units: int = 1) -> Iterator[SourcePage]:
    """A new worker reads each page."""
    for unit in range(units):
        cursor = None
        while True:
            source = source_reader(spec).open(UnitOfSource(spec, unit, units, None), tools)
            page = source.read(cursor)
            source.close()
            yield page
            cursor = page.cursor
            if cursor is None:
                break


def spec_of(table: str, **more: Any) -> dict[str, Any]:
    return {"kind": "table", "table": table, "consistentRead": False, **more}


def numbers(items: list[Item]) -> list[int]:
    return sorted(int(each["n"]["N"]) for each in items)


@pytest.mark.parametrize("units", [1, 4])
def test_every_item_is_in_one_page_with_all_its_values(dynamodb: Any, table: str, units: int) -> None:
    tools = source_tools(dynamodb=dynamodb, budget=FixedBudget(most=7))
    pages = list(pages_of(spec_of(table), tools, units))
    items = [each for page in pages for each in page.items]
    assert sorted(items, key=lambda each: int(each["n"]["N"])) == [item(number) for number in range(120)]
    assert sum(page.scanned_items for page in pages) == 120
    assert all(page.rcu > 0 and page.scanned_bytes == page.rcu * 8192 for page in pages)


def test_filter_projection_and_index_are_scans_own(dynamodb: Any, table: str) -> None:
    tools = source_tools(dynamodb=dynamodb)
    names, values = {"#n": "n", "#b": "B"}, {":least": {"N": "100"}, ":binary": {"B": b"\x6e\xff"}}
    spec = spec_of(table, filter="#n >= :least AND #b <> :binary", projection="#n", names=names, values=values)
    (page,) = pages_of({**spec, "consistentRead": True}, tools)
    assert numbers(list(page.items)) == [number for number in range(100, 120) if number != 110]
    assert all(set(each) == {"n"} for each in page.items)
    assert (page.scanned_items, page.scanned_bytes) == (120, page.rcu * 4096)


def test_a_sample_is_some_segments_of_the_table(dynamodb: Any, table: str) -> None:
    spec = spec_of(table, sample={"share": 0.2, "seed": "01"})
    items = [each for page in pages_of(spec, source_tools(dynamodb=dynamodb), 10) for each in page.items]
    assert 0 < len(items) < 60
    assert numbers(items) == sorted(set(numbers(items)))


def test_pages_follow_the_rate(dynamodb: Any, table: str) -> None:
    """At 1 RCU/s a page may cost 20 RCU, more than the whole table. Without time left a page has one item."""
    slow = source_tools(dynamodb=dynamodb, budget=FixedBudget(read=1))
    first, second = list(pages_of(spec_of(table), slow))[:2]
    assert (first.scanned_items, second.scanned_items) == (10, 10)
    source = TableReader().open(UnitOfSource(spec_of(table), 0, 1, None), slow)
    rest = source.read(source.read(None).cursor)
    assert rest.cursor is None
    late = source_tools(dynamodb=dynamodb, budget=FixedBudget(read=1, most=1))
    assert next(pages_of(spec_of(table), late)).scanned_items == 1


def test_an_error_is_judged(dynamodb: Any, table: str) -> None:
    reader, tools = TableReader(), source_tools(dynamodb=dynamodb)

    def verdict(spec: dict[str, Any], cursor: Any = None) -> str | None:
        with pytest.raises(ClientError) as raised:
            reader.open(UnitOfSource(spec, 0, 1, None), tools).read(cursor)
        return reader.verdict(raised.value, spec)

    assert verdict(spec_of("gone")) == "Table gone no longer exists."
    assert verdict(spec_of(table, index="byAge")) == f"Table {table} has no index byAge any more."
    other_keys = verdict(spec_of(table), {"other": {"S": "a"}})
    assert other_keys is not None
    assert other_keys.startswith(f"The keys of table {table} are not what they were when the job began: ")
    assert verdict(spec_of(table, filter="(")) is None
    assert reader.verdict(OSError("no network"), spec_of(table)) is None


def test_a_table_that_was_made_anew_is_another_one(dynamodb: Any, table: str) -> None:
    reader, spec = TableReader(), spec_of(table)
    identity = reader.identify(spec, dynamodb)
    assert reader.identify(spec, dynamodb) == identity
    dynamodb.delete_table(TableName=table)
    create_table(dynamodb, table, "id")
    assert reader.identify(spec, dynamodb) != identity
