"""The same cases as test/shared/writing/batchPut.test.ts."""

from __future__ import annotations

from typing import Any

import pytest

from sluice.capacity.metering import CapacityLimits
from sluice.writing.batch_put import BatchPutter
from sluice.writing.conditional_write import Done, Failed
from sluice.writing.options import WriterOptions
from stub_client import Sent, StubClient, exception, retrying


def items(count: int, size: int = 0) -> list[dict[str, Any]]:
    return [{"id": {"N": str(n)}, "text": {"S": "x" * size}} for n in range(count)]


def numbers_of(sent: Sent) -> list[int]:
    return [int(each["PutRequest"]["Item"]["id"]["N"]) for each in sent.input["RequestItems"]["t"]]


def putter(client: Any, **options: Any) -> BatchPutter:
    given = {"retry": retrying(), "limits": lambda: None, "concurrency": 1, **options}
    return BatchPutter("t", ["id"], WriterOptions(client, **given))


def undone(sent: Sent, *numbers: int) -> dict[str, Any]:
    """Leaves these items undone. Numbers come back in another form, as they may."""
    left = [{"PutRequest": {"Item": {"id": {"N": f"{n}.0"}}}} for n in numbers_of(sent) if n in numbers]
    return {"UnprocessedItems": {"t": left} if left else {}}


def test_25_items_go_into_a_request():
    dynamodb = StubClient(lambda *_: {})
    assert putter(dynamodb).put(items(60)) == [Done()] * 60
    assert [len(numbers_of(sent)) for sent in dynamodb.sent] == [25, 25, 10]
    assert dynamodb.sent[0].input["ReturnConsumedCapacity"] == "INDEXES"


def test_only_unprocessed_items_are_sent_again():
    passed: list[Exception] = []
    dynamodb = StubClient(lambda sent, number: undone(sent, 3, 7) if number < 2 else {})
    assert putter(dynamodb, retry=retrying(passed)).put(items(10)) == [Done()] * 10
    assert [numbers_of(sent) for sent in dynamodb.sent[1:]] == [[3, 7], [3, 7]]
    assert "left 2 items of a batch unprocessed" in str(passed[0])


def test_an_unprocessed_item_that_was_not_sent_is_an_error():
    left = {"UnprocessedItems": {"t": [{"PutRequest": {"Item": {"id": {"N": "99"}}}}]}}
    with pytest.raises(RuntimeError, match="that it was not sent"):
        putter(StubClient(lambda *_: left)).put(items(3))


def test_an_item_for_which_the_whole_batch_is_rejected_fails_alone():
    def answer(sent: Sent, _: int) -> dict[str, Any]:
        if 11 in numbers_of(sent):
            raise exception("ValidationException", "a bad value")
        return {}

    answers = putter(StubClient(answer)).put(items(25))
    failed = answers.pop(11)
    assert answers == [Done()] * 24
    assert isinstance(failed, Failed)
    assert (failed.code, failed.reason) == ("ValidationException", "a bad value")


def test_a_request_has_4_mib_of_items():
    dynamodb = StubClient(lambda *_: {})
    putter(dynamodb).put(items(25, 400_000))
    assert [len(numbers_of(sent)) for sent in dynamodb.sent] == [10, 10, 5]


def test_batches_are_sized_by_what_the_items_will_cost():
    dynamodb = StubClient(lambda *_: {})
    # 3 units each, 15 ms of 1,000 units per second.
    putter(dynamodb, limits=lambda: CapacityLimits(1_000)).put(items(10, 2_500))
    assert [len(numbers_of(sent)) for sent in dynamodb.sent] == [5, 5]


def test_no_batch_has_the_same_item_twice():
    dynamodb = StubClient(lambda *_: {})
    assert putter(dynamodb).put([*items(2), *items(1)]) == [Done()] * 3
    assert [numbers_of(sent) for sent in dynamodb.sent] == [[0, 1], [0]]


def test_nothing_to_put_sends_nothing():
    dynamodb = StubClient(lambda *_: {})
    assert putter(dynamodb).put([]) == []
    assert dynamodb.sent == []
