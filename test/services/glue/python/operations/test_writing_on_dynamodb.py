"""Pages of writing jobs on DynamoDB Local, while others change the table and workers are killed."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dynamodb_local import DynamoDbLocal, create_table
from folder_s3 import FolderS3
from sluice.capacity.metering import CapacityLimits
from sluice.operations.registry import operation_of
from writing_tools import TARGET, lines_of, outcomes_of, page_of, tools_of

ITEMS = 90
UPDATE = {
    "update": {
        "set": {"label": "${status}#${n}", "NewAttribute": {"S": "NewAttributeValue"}},
        "remove": ["old"],
        "onlyIf": "status <> :closed",
        "typedValues": {":closed": {"S": "closed"}},
    }
}
ADDITION = {"update": {"add": {"count": {"N": "1"}}, "marker": "job"}}


class Killed(BaseException):
    """The ways in which a worker may end in the middle of a page, as its sent requests show them."""


class Table:
    def __init__(self, local: DynamoDbLocal, name: str, folder: Path) -> None:
        self.client = local.client(max_pool_connections=20)
        self.name = name
        self.target = {**TARGET, "name": name}
        self.s3 = FolderS3(folder)
        create_table(self.client, name, "id")

    def put(self, *items: dict[str, Any]) -> None:
        for item in items:
            self.client.put_item(TableName=self.name, Item=item)

    def delete(self, *ids: int) -> None:
        for n in ids:
            self.client.delete_item(TableName=self.name, Key={"id": {"S": str(n)}})

    def items(self) -> dict[str, dict[str, Any]]:
        pages = self.client.get_paginator("scan").paginate(TableName=self.name)
        return {item["id"]["S"]: item for page in pages for item in page["Items"]}

    def work(
        self,
        operation: str,
        params: dict[str, Any],
        items: list[Any],
        so_far: Any = None,
        client: Any = None,
        **more: Any,
    ) -> Any:
        """The unit's result after a page and a checkpoint, read back from the checkpoint."""
        work = operation_of(operation)
        tools = tools_of(self.client if client is None else client, self.s3, **more)
        page = work.page(page_of(items, params, target=self.target), so_far, tools)
        return json.loads(json.dumps(work.flush(page, tools)))


class Dying:
    """A client whose worker is killed once it has sent so many requests: before or after they take effect."""

    def __init__(self, client: Any, requests: int, *, before: bool) -> None:
        self._client, self._left, self._before = client, requests, before
        self._counting = threading.Lock()

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def send(**given: Any) -> Any:
            with self._counting:
                self._left -= 1
                dies = self._left < 0
            if dies and self._before:
                raise Killed
            output = getattr(self._client, method)(**given)
            if dies:
                raise Killed
            return output

        return send


def item_of(n: int, **more: Any) -> dict[str, Any]:
    return {"id": {"S": str(n)}, "status": {"S": "open"}, "n": {"N": str(n)}, **more}


@pytest.fixture
def table(dynamodb_local: DynamoDbLocal, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Table]:
    name = "".join(letter for letter in request.node.name if letter.isalnum())[:200]
    table = Table(dynamodb_local, name, tmp_path)
    yield table
    table.client.delete_table(TableName=name)


def test_others_changes_meanwhile_lead_to_exact_outcomes_and_no_item_comes_back(table):
    page = [item_of(n) for n in range(ITEMS)]
    table.put(*page)
    table.delete(*range(20))
    # These items are made anew: as they were, with other values, and in the wanted state.
    table.put(*(item_of(n) for n in range(5)), *(item_of(n, status={"S": "paid"}) for n in range(5, 10)))
    table.put(*(item_of(n, status={"S": "closed"}) for n in range(20, 30)))
    table.put(*(item_of(n, old={"N": "1"}) for n in range(30, 40)))
    table.put(*(item_of(n, status={"S": "paid"}) for n in range(40, 50)))
    result = table.work("update", UPDATE, page)
    assert outcomes_of(result) == {"updated": 70, "skipped": 10, "gone": 10}
    items = table.items()
    assert len(items) == 80
    for n, item in items.items():
        assert "old" not in item
        expected = None if item["status"] == {"S": "closed"} else {"S": f"{item['status']['S']}#{n}"}
        assert item.get("label") == expected


def test_a_page_that_is_repeated_counts_its_own_writes_as_already(table):
    page = [item_of(n) for n in range(ITEMS)]
    table.put(*page)
    assert outcomes_of(table.work("update", UPDATE, page)) == {"updated": 90}
    assert outcomes_of(table.work("update", UPDATE, page)) == {"already": 90}


@pytest.mark.parametrize("seed", range(5))
def test_a_dry_run_of_a_copy_of_what_is_absent_foresees_its_outcomes(table, seed):
    chance = random.Random(seed)
    page = [item_of(n, text={"S": "x" * chance.randrange(3_000)}) for n in range(ITEMS)]
    page += [item_of(n) for n in range(3)] + [{**item_of(0), "id": {"N": "1"}}]
    for item in page[:ITEMS]:
        fate = chance.choice(["absent", "same", "other"])
        if fate != "absent":
            table.put(item if fate == "same" else {**item, "status": {"S": "paid"}})
    before = table.items()
    params = {"to": table.name, "ifAbsent": True}
    foreseen = table.work("copy", {**params, "dryRun": True}, page, limits=lambda _: CapacityLimits(1_000))
    assert table.items() == before
    real = table.work("copy", params, page)
    assert outcomes_of(foreseen) == outcomes_of(real)
    assert foreseen["failures"] == real["failures"]
    assert set(outcomes_of(real)) == {"updated", "already", "skipped", "failed"}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("requests", range(4))
def test_a_worker_killed_between_two_batches_changes_nothing_about_the_outcome(table, requests, before):
    page = [item_of(n) for n in range(ITEMS)]
    table.put(*page)
    with pytest.raises(Killed):
        table.work("update", ADDITION, page, client=Dying(table.client, requests, before=before))
    table.put(item_of(90, count={"N": "41"}), item_of(91, count={"S": "no number"}))
    result = table.work("update", ADDITION, [*page, item_of(90), item_of(91, count={"S": "no number"})])
    assert sum(result["outcomes"].values()) == 92
    assert (result["outcomes"]["updated"] + result["outcomes"]["already"], result["outcomes"]["failed"]) == (91, 1)
    counts = {n: item["count"] for n, item in table.items().items()}
    assert counts == {**{str(n): {"N": "1"} for n in range(90)}, "90": {"N": "42"}, "91": {"S": "no number"}}


def test_an_item_that_somebody_changes_again_and_again_is_changed_or_a_conflict_and_no_change_is_lost(table):
    page = [item_of(n, count={"N": "0"}) for n in range(30)]
    table.put(*page)
    additions = {str(n): 0 for n in range(30)}
    ended = threading.Event()

    def others() -> None:
        chance = random.Random(1)
        while not ended.is_set():
            n = str(chance.randrange(30))
            table.client.update_item(
                TableName=table.name,
                Key={"id": {"S": n}},
                UpdateExpression="ADD #c :one",
                ExpressionAttributeNames={"#c": "count"},
                ExpressionAttributeValues={":one": {"N": "1"}},
            )
            additions[n] += 1

    other = threading.Thread(target=others)
    other.start()
    try:
        result = table.work("update", {"update": {"add": {"count": {"N": "1000"}}, "marker": "job"}}, page)
    finally:
        ended.set()
        other.join()
    outcomes = outcomes_of(result)
    assert sum(outcomes.values()) == 30
    assert set(outcomes) <= {"updated", "conflict"}
    items = table.items()
    for n, item in items.items():
        assert int(item["count"]["N"]) == additions[n] + (1_000 if "job" in item else 0)
    assert sum("job" in item for item in items.values()) == outcomes["updated"]


def test_an_item_above_400_kb_fails_before_it_is_sent_and_is_listed(table):
    large = item_of(1, text={"S": "x" * 409_000}, status={"S": "y" * 500})
    table.put(large, item_of(2))
    unsent = Dying(table.client, 1, before=True)
    result = table.work("update", UPDATE, [large, item_of(2)], client=unsent)
    assert outcomes_of(result) == {"updated": 1, "failed": 1}
    [line] = lines_of(table.s3, "job/failures/0000003/0000000.jsonl.gz")
    listed = json.loads(line)
    assert (listed["key"], listed["code"], listed["attempts"]) == ({"id": {"S": "1"}}, "ITEM_TOO_LARGE", 0)
    assert "DynamoDB allows at most 409600" in listed["reason"]
    assert table.items()["1"] == large


def test_an_item_that_dynamodb_rejects_fails_alone(table):
    page = [item_of(n) for n in range(30)]
    table.put(*page)
    # Within 400 KB, but nested deeper than the 32 levels that DynamoDB takes.
    deep: dict[str, Any] = {"S": "x"}
    for _ in range(40):
        deep = {"L": [deep]}
    result = table.work("update", {"update": {"set": {"deep": deep}}}, page)
    assert outcomes_of(result) == {"failed": 30}
    assert result["failures"] == {"ValidationException": 30}


DELETION = {"onlyIf": "#s = :open", "names": {"#s": "status"}, "values": {":open": "open"}}


def test_a_deletion_deletes_only_what_still_meets_its_condition(table):
    page = [item_of(n) for n in range(60)]
    table.put(*page)
    table.delete(*range(10))
    table.put(*(item_of(n, status={"S": "paid"}) for n in range(5, 15)))
    table.put(*(item_of(n, added={"BOOL": True}) for n in range(15, 25)))
    assert outcomes_of(table.work("delete", DELETION, page)) == {"updated": 45, "skipped": 10, "gone": 5}
    assert sorted(map(int, table.items())) == list(range(5, 15))
    assert outcomes_of(table.work("delete", DELETION, page)) == {"gone": 50, "skipped": 10}


def test_a_deletion_that_keeps_former_values_keeps_what_it_deleted_and_nothing_else(table):
    page = [item_of(n) for n in range(6)]
    table.put(*page)
    table.delete(0)
    table.put(item_of(1, status={"S": "paid"}), item_of(2, added={"B": b"\x00\xff"}))
    result = table.work("delete", {"keepBefore": True}, page)
    assert outcomes_of(result) == {"updated": 5, "gone": 1}
    records = [json.loads(line) for key in table.s3.keys("results") for line in lines_of(table.s3, key)]
    kept = {record["key"]["M"]["id"]["S"]: record["before"]["M"] for record in records}
    assert kept == {
        "1": item_of(1, status={"S": "paid"}),
        "2": {**item_of(2), "added": {"B": "AP8="}},
        **{str(n): item_of(n) for n in range(3, 6)},
    }
    assert result["beforeObjects"] == 2


@pytest.mark.parametrize("requests", range(3))
def test_a_copy_of_what_is_absent_makes_each_item_once_and_overwrites_none(table, requests):
    page = [item_of(n) for n in range(10)]
    table.put(item_of(3, status={"S": "paid"}), item_of(4))
    params = {"to": table.name, "ifAbsent": True}
    with pytest.raises(Killed):
        table.work("copy", params, page, client=Dying(table.client, requests, before=False))
    outcomes = outcomes_of(table.work("copy", params, page))
    assert (outcomes["skipped"], sum(outcomes.values())) == (1, 10)
    assert table.items() == {**{str(n): item_of(n) for n in range(10)}, "3": item_of(3, status={"S": "paid"})}


def test_a_copy_puts_whole_pages_and_can_be_repeated(table):
    params = {"to": table.name, "transform": {"set": {"sort": "${status}#${n}"}, "remove": ["old"]}}
    page = [item_of(n, old={"NULL": True}, photo={"B": b"\x00\xff"}, tags={"SS": ["a", "b"]}) for n in range(60)]
    for _ in range(2):
        assert outcomes_of(table.work("copy", params, page)) == {"updated": 60}
    assert table.items() == {
        str(n): {**{k: v for k, v in page[n].items() if k != "old"}, "sort": {"S": f"open#{n}"}} for n in range(60)
    }


def test_a_table_that_is_gone_fails_the_page(table):
    table.target["name"] = "no-such-table"
    with pytest.raises(Exception, match="ResourceNotFound"):
        table.work("update", UPDATE, [item_of(1)])


def test_a_result_goes_on_from_page_to_page(table):
    table.put(*(item_of(n) for n in range(10)))
    first = table.work("update", UPDATE, [item_of(n) for n in range(5)])
    both = table.work("update", UPDATE, [item_of(n) for n in range(5, 12)], first)
    assert outcomes_of(both) == {"updated": 10, "gone": 2}
