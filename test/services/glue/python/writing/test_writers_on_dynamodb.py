"""Both ways of writing, on DynamoDB Local. The same cases as test/shared/writing/writers.test.ts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dynamodb_local import DynamoDbLocal, create_table
from sluice.aws.item import Item
from sluice.writing.conditional_write import ConditionalWrite, Delete, Done, Failed, Put, Refused, Seen, Update
from sluice.writing.item_writer import ItemWriter
from sluice.writing.options import WriterOptions
from sluice.writing.writer import Writer
from stub_client import retrying

TABLE = "some.table-1"
VALUES: list[dict[str, Any]] = [
    {"S": "a"},
    {"S": ""},
    {"N": "1"},
    {"N": "12345678901234567890123456789012345678"},
    {"B": b"\x01\xff"},
    {"BOOL": True},
    {"BOOL": False},
    {"NULL": True},
    {"L": []},
    {"L": [{"S": "a"}, {"NULL": True}]},
    {"M": {}},
    {"M": {"a": {"S": "x"}, "n": {"B": b"\x07"}}},
    {"SS": ["a", "b"]},
    {"NS": ["1", "2"]},
    {"BS": [b"\x01"]},
]
ids = count()


@pytest.fixture(scope="module")
def client(dynamodb_local: DynamoDbLocal) -> Iterator[Any]:
    client = dynamodb_local.client()
    create_table(client, TABLE, 'p."k', "select")
    yield client
    client.delete_table(TableName=TABLE)


@pytest.fixture(params=[Writer, ItemWriter], ids=["as statements", "one by one"])
def write(request: pytest.FixtureRequest, client: Any) -> Any:
    """Writes, and returns the answers."""
    return request.param(TABLE, WriterOptions(client, retrying(), lambda: None, 4)).write


def key_of(name: str) -> Item:
    return {'p."k': {"S": name}, "select": {"S": "sort"}}


def stored(client: Any, **attributes: Any) -> Any:
    """An item of its own, with these attributes."""
    item = {**key_of(f"item-{next(ids)}"), **attributes}
    client.put_item(TableName=TABLE, Item=item)
    return item


def got(client: Any, item: Item) -> Any:
    return client.get_item(TableName=TABLE, Key=own_key(item)).get("Item")


def own_key(item: Item) -> Item:
    return {name: item[name] for name in ('p."k', "select")}


def update_of(item: Item, seen: list[Seen], **attributes: Any) -> ConditionalWrite:
    return ConditionalWrite(own_key(item), Update(attributes or {"new": {"S": "x"}}, []), seen)


def test_an_update_sets_and_removes_values_of_all_types(client, write):
    item = stored(client, old={"S": "1"}, kept={"S": "2"})
    values = {f"a{n}": value for n, value in enumerate(VALUES)}
    change = Update(values, ["old", "not there"])
    assert write([ConditionalWrite(own_key(item), change, [])]) == [Done()]
    del item["old"]
    assert got(client, item) == {**item, **values}


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_a_value_equals_itself_only(client, write, value):
    item = stored(client, v=value)
    for other in VALUES:
        [answer] = write([update_of(item, [Seen(("v",), other)])])
        if other == value:
            assert answer == Done()
            item["new"] = {"S": "x"}
        else:
            assert answer == Refused(item)


def test_a_set_equals_the_same_set_in_another_order_and_a_number_the_same_number(client, write):
    item = stored(client, s={"SS": ["a", "b"]}, n={"N": "1"})
    assert write([update_of(item, [Seen(("s",), {"SS": ["b", "a"]}), Seen(("n",), {"N": "1.0"})])]) == [Done()]


def test_an_attribute_that_was_not_there_must_still_be_missing_and_null_is_there(client, write):
    item = stored(client, v={"NULL": True})
    assert write([update_of(item, [Seen(("v",), None)])]) == [Refused(item)]
    assert write([update_of(item, [Seen(("w",), None)])]) == [Done()]
    assert isinstance(write([update_of(item, [Seen(("w",), {"NULL": True})])])[0], Refused)


@pytest.mark.parametrize(
    ("path", "value", "holds"),
    [
        (("m", "x.y", 1, 'z"'), {"N": "5"}, True),
        (("m", "x.y", 1, 'z"'), {"N": "6"}, False),
        (("m", "no"), None, True),
        (("m", "x.y", 2), None, True),
        (("no", "x", 0), None, True),
        (("s", "x"), None, True),
        (("m", "x.y", 0), None, False),
    ],
    ids=str,
)
def test_conditions_reach_into_documents(client, write, path, value, holds):
    document = {"M": {"x.y": {"L": [{"S": "q"}, {"M": {'z"': {"N": "5"}}}]}}}
    item = stored(client, m=document, s={"S": "text"})
    assert isinstance(write([update_of(item, [Seen(path, value)])])[0], Done if holds else Refused)


@pytest.mark.parametrize("seen", [[], [Seen(("a",), {"S": "1"})], [Seen(("a",), None)]], ids=str)
def test_an_update_never_makes_an_item(client, write, seen):
    key = key_of(f"never-{next(ids)}")
    assert write([update_of(key, seen)]) == [Refused(None)]
    assert got(client, key) is None


@pytest.mark.parametrize("seen", [[], [Seen(("a",), {"S": "1"})], [Seen(("b",), None)]], ids=str)
def test_a_delete_returns_the_item_and_is_refused_once_there_is_none(client, write, seen):
    item = stored(client, a={"S": "1"})
    deletion = ConditionalWrite(own_key(item), Delete(), seen)
    assert write([deletion]) == [Done(item)]
    assert got(client, item) is None
    assert write([deletion]) == [Refused(None)]


def test_a_delete_is_refused_with_the_item_if_the_item_was_changed(client, write):
    item = stored(client, a={"S": "1"})
    assert write([ConditionalWrite(own_key(item), Delete(), [Seen(("a",), {"S": "2"})])]) == [Refused(item)]
    assert got(client, item) == item


def test_a_put_is_refused_with_the_item_that_is_there(client, write):
    key = key_of(f"put-{next(ids)}")
    puts = [ConditionalWrite(key, Put({**key, "v": {"S": v}}), []) for v in "12"]
    assert [write([put])[0] for put in puts] == [Done(), Refused({**key, "v": {"S": "1"}})]


def test_an_update_that_changes_nothing_is_written_where_its_conditions_hold(client, write):
    item = stored(client, a={"S": "1"})
    for value, answer in [("1", Done()), ("2", Refused(item))]:
        assert write([ConditionalWrite(own_key(item), Update({}, []), [Seen(("a",), {"S": value})])]) == [answer]


@pytest.mark.parametrize(
    "attributes",
    [
        {"select": {"S": "other"}},
        {"large": {"S": "x" * 410_000}},
        {"n": {"N": "123456789012345678901234567890123456789012"}},
    ],
    ids=["a key attribute", "a large value", "a long number"],
)
def test_an_update_that_dynamodb_rejects_fails_and_the_others_of_its_batch_do_not(client, write, attributes):
    bad, good = stored(client), stored(client)
    failed, done = write([update_of(bad, [], **attributes), update_of(good, [])])
    assert isinstance(failed, Failed)
    assert (failed.code, failed.reason != "", done) == ("ValidationException", True, Done())
    assert got(client, bad) == bad


def test_if_the_same_key_comes_twice_one_write_wins(client, write):
    item = stored(client, v={"N": "0"})
    answers = write([update_of(item, [Seen(("v",), {"N": "0"})], v={"N": n}) for n in "12"])
    assert sorted(type(answer).__name__ for answer in answers) == ["Done", "Refused"]


def test_the_answers_have_the_order_of_the_writes(client, write):
    items = [stored(client, v={"N": str(n % 3)}) for n in range(60)]
    answers = write([update_of(item, [Seen(("v",), {"N": "1"})]) for item in items])
    assert [isinstance(answer, Done) for answer in answers] == [n % 3 == 1 for n in range(60)]


def test_names_that_no_statement_takes_are_written_too(client, write):
    items = [stored(client) for _ in range(6)]
    answers = write(
        [
            update_of(item, [Seen((name,), None)], **{name: {"S": "x"}})
            for item, name in zip(items, ["#a", ":b", "c"] * 2, strict=True)
        ]
    )
    assert answers == [Done()] * 6


@pytest.mark.parametrize("way", [Writer, ItemWriter])
def test_a_table_that_is_not_there_concerns_all_writes(client, way):
    writer = way("no-such-table", WriterOptions(client, retrying(), lambda: None, 4))
    with pytest.raises(ClientError, match="ResourceNotFound"):
        writer.write([update_of(key_of("a"), [])])
