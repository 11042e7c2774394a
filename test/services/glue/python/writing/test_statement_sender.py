"""The same cases as test/shared/writing/statementSender.test.ts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sluice.capacity.metering import CapacityLimits
from sluice.writing.conditional_write import Change, ConditionalWrite, Delete, Done, Failed, Put, Refused, Update
from sluice.writing.options import WriterOptions
from sluice.writing.statement_sender import StatementSender
from stub_client import Sent, StubClient, exception, retrying

REMOVAL = Update({}, ["x"])


def write_of(n: int, change: Change = REMOVAL) -> ConditionalWrite:
    return ConditionalWrite({"id": {"N": str(n)}}, change, [])


def writes(count: int) -> list[ConditionalWrite]:
    return [write_of(n) for n in range(count)]


def numbers_of(sent: Sent) -> list[int]:
    return [int(each["Parameters"][0]["N"]) for each in sent.input["Statements"]]


def stub(answer: Callable[[int, int], dict[str, Any]]) -> StubClient:
    """Answers each statement by its number and by how often it was sent."""
    attempts: Counter[int] = Counter()

    def answer_all(sent: Sent, _: int) -> dict[str, Any]:
        attempts.update(numbers_of(sent))
        return {"Responses": [answer(n, attempts[n]) for n in numbers_of(sent)]}

    return StubClient(answer_all)


def error(code: str, item: Any = None) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": f"about {code}", **({} if item is None else {"Item": item})}}


def sender(client: Any, **options: Any) -> StatementSender:
    given = {"retry": retrying(), "limits": lambda: None, "concurrency": 1, **options}
    return StatementSender("t", WriterOptions(client, **given))


def test_25_statements_go_into_a_request_with_the_item_asked_for_and_what_it_cost():
    dynamodb = stub(lambda *_: {})
    assert sender(dynamodb).send(writes(60)) == [Done()] * 60
    assert [len(numbers_of(sent)) for sent in dynamodb.sent] == [25, 25, 10]
    operation, given = dynamodb.sent[0]
    assert (operation, given["ReturnConsumedCapacity"]) == ("BatchExecuteStatement", "INDEXES")
    assert given["Statements"][1] == {
        "Statement": 'UPDATE "t" REMOVE "x" WHERE "id"=?',
        "Parameters": [{"N": "1"}],
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


@pytest.mark.parametrize(
    "code",
    [
        "ProvisionedThroughputExceeded",
        "ThrottlingError",
        "RequestLimitExceeded",
        "TransactionConflict",
        "InternalServerError",
    ],
)
def test_a_statement_that_failed_for_a_passing_reason_is_sent_again_by_itself_until_it_succeeds(code):
    passed: list[Exception] = []
    dynamodb = stub(lambda n, attempt: error(code) if n % 10 == 3 and attempt < 3 else {})
    assert sender(dynamodb, retry=retrying(passed)).send(writes(25)) == [Done()] * 25
    assert [numbers_of(sent) for sent in dynamodb.sent[1:]] == [[3, 13, 23], [3, 13, 23]]
    assert [f"about {code}" in str(each) for each in passed] == [True, True]


def test_each_statement_gets_its_own_answer():
    met = {"id": {"S": "a"}}
    fates = {
        1: error("ConditionalCheckFailed", met),
        2: error("ConditionalCheckFailed"),
        3: error("ValidationError"),
        4: error("ItemCollectionSizeLimitExceeded"),
        5: error("SomethingNew"),
        6: {"Error": {}},
    }
    dynamodb = stub(lambda n, attempt: error("ThrottlingError") if 2 < n < 6 and attempt == 1 else fates.get(n, {}))
    assert sender(dynamodb).send(writes(7)) == [
        Done(),
        Refused(met),
        Refused(None),
        Failed("ValidationException", "about ValidationError", 2),
        Failed("ItemCollectionSizeLimitExceededException", "about ItemCollectionSizeLimitExceeded", 2),
        Failed("SomethingNew", "about SomethingNew", 2),
        Failed("Unknown", "DynamoDB gave no reason.", 1),
    ]


@pytest.mark.parametrize(
    ("code", "name"),
    [("AccessDenied", "AccessDeniedException"), ("ResourceNotFound", "ResourceNotFoundException")],
)
def test_an_error_that_concerns_every_statement_ends_the_whole(code, name):
    dynamodb = stub(lambda n, _: error(code) if n == 7 else {})
    with pytest.raises(ClientError, match=name) as raised:
        sender(dynamodb, concurrency=4).send(writes(1_000))
    assert raised.value.response["Error"]["Message"] == f"about {code}"
    assert len(dynamodb.sent) < 40


def test_a_delete_that_meets_no_item_is_refused():
    deleted = {"id": {"S": "a"}}
    dynamodb = stub(lambda n, _: {"Item": deleted} if n == 0 else {})
    deletes = [write_of(0, Delete()), write_of(1, Delete())]
    assert sender(dynamodb).send(deletes) == [Done(deleted), Refused(None)]


def test_a_refused_write_reports_whether_it_was_sent_before():
    now = {"id": {"S": "0"}, "v": {"S": "new"}}

    def answer(_: Sent, number: int) -> dict[str, Any]:
        if number == 0:
            raise exception("TimeoutError")
        return {"Responses": [error("ConditionalCheckFailed", now), {}]}

    both = [write_of(0), write_of(1, Delete())]
    assert sender(StubClient(answer)).send(both) == [Refused(now, True), Refused(None, True)]


def test_a_write_that_no_statement_expresses_is_not_sent():
    dynamodb = stub(lambda *_: {})
    put = Put({"id": {"N": "0"}})
    assert sender(dynamodb).send([write_of(0, put), write_of(1), write_of(2, put)]) == [None, Done(), None]
    assert sender(dynamodb).send([write_of(3, put)]) == [None]
    assert [numbers_of(sent) for sent in dynamodb.sent] == [[1]]


@pytest.mark.parametrize(("code", "status"), [("ValidationException", 400), ("413", 413)])
def test_a_statement_for_which_the_whole_batch_is_rejected_fails_alone(code, status):
    def answer(sent: Sent, _: int) -> dict[str, Any]:
        if 11 in numbers_of(sent):
            raise exception(code, "a bad value", status)
        return {"Responses": [{} for _ in numbers_of(sent)]}

    dynamodb = StubClient(answer)
    answers = sender(dynamodb).send(writes(25))
    failed = answers.pop(11)
    assert answers == [Done()] * 24
    assert isinstance(failed, Failed)
    assert (failed.code, failed.reason) == (code, "a bad value")
    assert len(dynamodb.sent) <= 11


def test_a_request_that_fails_is_repeated_while_it_fails_for_a_passing_reason_and_raises_otherwise():
    def failing(code: str) -> StubClient:
        def answer(sent: Sent, number: int) -> dict[str, Any]:
            if number == 0:
                raise exception(code)
            return {"Responses": [{} for _ in numbers_of(sent)]}

        return StubClient(answer)

    throttled = failing("ProvisionedThroughputExceededException")
    assert sender(throttled).send(writes(3)) == [Done()] * 3
    assert len(throttled.sent) == 2
    with pytest.raises(ClientError, match="AccessDenied"):
        sender(failing("AccessDeniedException")).send(writes(3))


def test_an_answer_without_all_statements_is_no_success():
    with pytest.raises(RuntimeError, match="but answered 0"):
        sender(StubClient(lambda *_: {"Responses": []})).send(writes(2))


class Meeting:
    """Requests wait for each other, which shows how many are under way."""

    def __init__(self, number: int) -> None:
        self.together = threading.Barrier(number)

    def batch_execute_statement(self, **given: Any) -> dict[str, Any]:
        self.together.wait(60)
        return {"Responses": [{} for _ in given["Statements"]]}


def test_without_a_limit_as_many_requests_are_under_way_as_are_allowed():
    answers = sender(Meeting(8), concurrency=8).send(writes(25 * 16))
    assert answers == [Done()] * 400


def test_under_a_limit_batches_cost_15_ms_and_as_many_are_under_way_as_it_takes():
    dynamodb = stub(lambda *_: {})
    sender(dynamodb, limits=lambda: CapacityLimits(400), concurrency=16).send(writes(60))
    assert [len(numbers_of(sent)) for sent in dynamodb.sent] == [6] * 10
    assert sender(Meeting(2), limits=lambda: CapacityLimits(400), concurrency=16).send(writes(60)) == [Done()] * 60


def test_batches_follow_what_writes_turn_out_to_cost():
    units = {"TableName": "t", "CapacityUnits": 10, "Table": {"CapacityUnits": 10}}
    dynamodb = StubClient(
        lambda sent, _: {
            "Responses": [{} for _ in numbers_of(sent)],
            "ConsumedCapacity": [units for _ in numbers_of(sent)],
        }
    )
    one = sender(dynamodb, limits=lambda: CapacityLimits(4_000), units_per_write=2)
    one.send(writes(25))
    one.send(writes(10))
    assert [len(numbers_of(sent)) for sent in dynamodb.sent] == [25, 6, 4]


def test_no_batch_has_the_same_item_twice():
    dynamodb = stub(lambda *_: {})
    sender(dynamodb).send([write_of(0), write_of(1), write_of(0)])
    assert [numbers_of(sent) for sent in dynamodb.sent] == [[0, 1], [0]]
