"""The source `keys` with a folder as S3 and DynamoDB Local."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from budgets import FixedBudget, source_tools
from dynamodb_local import DynamoDbLocal
from folder_s3 import FolderS3
from sluice.aws.client_error import code_of
from sluice.aws.item import Item
from sluice.errors import SluiceError
from sluice.sources.keys.key_parts import ListedObject, digest_of
from sluice.sources.keys.read_items import read_items
from sluice.sources.keys.reader import KeysReader
from sluice.sources.source import SourcePage, UnitOfSource

KEYS = [{"name": "pk", "type": "S"}, {"name": "sk", "type": "N"}]


def key(number: int) -> Item:
    return {"pk": {"S": f'é "{number}"'}, "sk": {"N": str(number)}}


def line(number: int) -> str:
    return json.dumps({"key": key(number), "code": "X", "reason": "because", "attempts": 1})


@pytest.fixture
def s3(tmp_path: Path) -> FolderS3:
    return FolderS3(tmp_path)


@pytest.fixture(scope="module")
def dynamodb(dynamodb_local: DynamoDbLocal) -> Any:
    return dynamodb_local.client()


@pytest.fixture(scope="module")
def table(dynamodb: Any) -> str:
    name = f"orders-{uuid4().hex}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(40):
        dynamodb.put_item(TableName=name, Item={**key(number), "text": {"S": f"text {number}"}})
    return name


def put(s3: FolderS3, name: str, numbers: Sequence[int]) -> str:
    """Puts a list of failures; returns its ETag without quotes."""
    text = "\n".join(map(line, numbers)).encode()
    body = gzip.compress(text) if name.endswith(".gz") else text
    return str(s3.put_object(Bucket="b", Key=name, Body=body)["ETag"]).replace('"', "")


def spec_of(table: str, keys: dict[str, Any], **more: Any) -> dict[str, Any]:
    shared = {"kind": "keys", "table": table, "keys": KEYS, "bucket": "b", "list": keys}
    return {**shared, "readItems": False, "consistentRead": False, **more}


def object_list(s3: FolderS3, numbers: Sequence[int], name: str = "a.jsonl") -> dict[str, Any]:
    etag = put(s3, name, numbers)
    begin = {"line": 0, "byte": 0}
    size = len(s3.content("b", name))
    return {"form": "object", "key": name, "etag": etag, "bytes": size, "gzip": name.endswith(".gz"), "from": begin}


def folder_list(objects: dict[str, str], **more: Any) -> dict[str, Any]:
    digest = digest_of([ListedObject(name, etag) for name, etag in sorted(objects.items())])
    return {"form": "folder", "prefix": "failures/", "objects": len(objects), "digest": digest, **more}


def pages_of(spec: dict[str, Any], units: int = 1, *, most: float | None = 7, **clients: Any) -> list[SourcePage]:
    pages = []
    for unit in range(units):
        cursor = None
        while True:
            tools = source_tools(budget=FixedBudget(most=most), **clients)
            source = KeysReader().open(UnitOfSource(spec, unit, units, None), tools)
            page = source.read(cursor)
            source.close()
            pages.append(page)
            cursor = page.cursor
            if cursor is None:
                break
    return pages


def sks(items: Sequence[Item]) -> list[int]:
    return [int(each["sk"]["N"]) for each in items]


@pytest.mark.parametrize("units", [1, 5])
def test_the_items_of_a_list_and_what_is_missing(s3: FolderS3, dynamodb: Any, table: str, units: int) -> None:
    spec = spec_of(table, object_list(s3, range(50)), readItems=True)
    pages = pages_of(spec, units, s3=s3, dynamodb=dynamodb)
    expected = [{**key(number), "text": {"S": f"text {number}"}} for number in range(40)]
    assert [each for page in pages for each in page.items] == expected
    assert [number for page in pages for number in sks(page.missing)] == list(range(40, 50))
    # Unlike DynamoDB, DynamoDB Local charges nothing for keys that have no item.
    assert sum(page.rcu for page in pages) == 20


def test_a_folders_objects_are_read_in_the_order_of_their_names_whatever_else_lies_there(s3: FolderS3) -> None:
    names = ["failures/0/1.jsonl.gz", "failures/0/2.jsonl", "failures/1/part-0.json", "failures/2/part-0.json.gz"]
    objects = {name: put(s3, name, range(4 * at, 4 * at + 4)) for at, name in enumerate(names)}
    for name in ("failures/manifest.json", "failures/0/manifest.json", "failures/_SUCCESS"):
        put(s3, name, [99])
    put(s3, "other/0.jsonl", [99])
    spec = spec_of("t", folder_list(objects))
    for units in (1, 2, 3, 5):
        assert [n for page in pages_of(spec, units, most=3, s3=s3) for n in sks(page.items)] == list(range(16))


def test_a_list_of_failures_is_read_by_its_manifest_only(s3: FolderS3) -> None:
    first, second = (put(s3, f"failures/{unit}.jsonl.gz", range(4 * unit, 4 * unit + 4)) for unit in (0, 1))
    # An attempt without a checkpoint has left this object.
    put(s3, "failures/0b.jsonl.gz", [100])
    named = ["failures/0.jsonl.gz", "failures/1.jsonl.gz"]
    manifest = json.dumps({"job": "a", "total": 8, "codes": {}, "objects": named}).encode()
    s3.put_object(Bucket="b", Key="lists/manifest.json", Body=manifest)
    objects = dict(zip(named, [first, second], strict=True))
    spec = spec_of("t", folder_list(objects, manifest="lists/manifest.json"))
    assert [n for page in pages_of(spec, 2, most=3, s3=s3) for n in sks(page.items)] == list(range(8))


@pytest.mark.parametrize("manifest", [b"{", b"[]", b'{"objects":7}'])
def test_a_folder_or_a_manifest_that_has_changed_is_refused(s3: FolderS3, manifest: bytes) -> None:
    objects = {name: put(s3, name, [0]) for name in ("failures/0.jsonl", "failures/1.jsonl")}
    s3.put_object(Bucket="b", Key="failures/manifest.json", Body=manifest)
    spec = spec_of("t", folder_list(objects, manifest="failures/manifest.json"))
    with pytest.raises(SluiceError, match="must be the 2 of the job's start, but they have changed") as raised:
        pages_of(spec, s3=s3)
    assert raised.value.code == "LIST_CHANGED"
    put(s3, "failures/1.jsonl", [1])
    with pytest.raises(SluiceError, match="have changed") as raised:
        pages_of(spec_of("t", folder_list(objects)), s3=s3)
    verdict = KeysReader().verdict(raised.value, spec)
    assert verdict == f"The list s3://b/failures/ is not readable: {raised.value.message}"


def test_a_key_that_occurs_twice_in_a_page_is_one_item_however_it_is_written(s3: FolderS3) -> None:
    texts = ['{"pk":"a","sk":1.0}', '{"pk":"a","sk":"1"}', '{"pk":"a","sk":10e-1}', '{"pk":"a","sk":2}']
    etag = s3.put_object(Bucket="b", Key="a.jsonl", Body="\n".join(texts).encode())["ETag"].replace('"', "")
    keys = {**object_list(s3, []), "etag": etag, "bytes": len("\n".join(texts))}
    s3.put_object(Bucket="b", Key="a.jsonl", Body="\n".join(texts).encode())
    (page,) = pages_of(spec_of("t", keys), s3=s3)
    assert [each["sk"]["N"] for each in page.items] == ["10e-1", "2"]
    assert page.scanned_items == 4


def test_requests_are_as_large_as_the_rate_allows(dynamodb: Any, table: str) -> None:
    spec = spec_of(table, {})
    batches: list[int] = []
    dynamodb.meta.events.register(
        "before-parameter-build.dynamodb.BatchGetItem",
        lambda params, **_: batches.append(len(params["RequestItems"][table]["Keys"])),
        unique_id="batches",
    )
    read = read_items([key(number) for number in range(23)], spec, dynamodb, lambda call: call(), 10)
    dynamodb.meta.events.unregister("before-parameter-build.dynamodb.BatchGetItem", unique_id="batches")
    assert sks(read.items) == list(range(23))
    assert (sorted(batches), read.rcu, read.missing) == ([3, 10, 10], 11.5, [])


def test_keys_without_an_item_are_missing_as_they_were_given(dynamodb: Any, table: str) -> None:
    given = [{**key(3), "sk": {"N": "3.0"}}, {**key(99), "sk": {"N": "9.9e1"}}]
    read = read_items(given, spec_of(table, {}, consistentRead=True), dynamodb, lambda call: call(), 100)
    assert (sks(read.items), read.missing, read.rcu) == ([3], [given[1]], 1)


class Unwilling:
    """Leaves all but the first key of each request unprocessed."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self.requests: list[int] = []

    def batch_get_item(self, *, RequestItems: dict[str, Any], **options: Any) -> dict[str, Any]:
        ((table, request),) = RequestItems.items()
        first, left = request["Keys"][:1], request["Keys"][1:]
        self.requests.append(len(request["Keys"]))
        answer = self.dynamodb.batch_get_item(RequestItems={table: {**request, "Keys": first}}, **options)
        return {**answer, "UnprocessedKeys": {table: {**request, "Keys": left}} if left else {}}


def test_keys_that_dynamodb_leaves_unprocessed_are_requested_again(dynamodb: Any, table: str) -> None:
    unwilling = Unwilling(dynamodb)

    def retry(call: Callable[[], Any]) -> Any:
        while True:
            try:
                return call()
            except ClientError as error:
                assert code_of(error) == "ProvisionedThroughputExceededException"

    read = read_items([key(number) for number in range(4)], spec_of(table, {}), unwilling, retry, 100)
    assert (sks(read.items), unwilling.requests, read.rcu) == ([0, 1, 2, 3], [4, 3, 2, 1], 2)


def test_an_error_is_judged(s3: FolderS3, dynamodb: Any, table: str) -> None:
    keys = object_list(s3, range(3))

    def verdict(spec: dict[str, Any]) -> str | None:
        with pytest.raises((ClientError, SluiceError)) as raised:
            pages_of(spec, s3=s3, dynamodb=dynamodb)
        return KeysReader().verdict(raised.value, spec)

    assert verdict(spec_of("gone", keys, readItems=True)) == "Table gone no longer exists."
    replaced = verdict(spec_of(table, {**keys, "etag": "x"}))
    assert replaced == (
        "The list s3://b/a.jsonl is not readable: Object s3://b/a.jsonl must have the ETag x, but it was replaced."
    )
    gone = spec_of(table, {**keys, "key": "gone.jsonl"})
    assert verdict(gone) == "An object of list s3://b/gone.jsonl no longer exists."


@pytest.mark.parametrize("other", [{"id": {"S": "a"}, "sk": {"N": "1"}}, {"pk": {"N": "1"}, "sk": {"N": "1"}}])
def test_a_table_with_other_keys_is_another_one(dynamodb: Any, table: str, other: Item) -> None:
    spec = spec_of(table, {"form": "folder", "prefix": ""})
    with pytest.raises(ClientError) as raised:
        read_items([other], spec, dynamodb, lambda call: call(), 100)
    verdict = KeysReader().verdict(raised.value, spec)
    assert verdict is not None
    assert verdict.startswith(f"The keys of table {table} are not what they were when the job began: ")
