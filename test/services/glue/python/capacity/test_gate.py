"""The gate in boto3: which attempts wait, and how they are accounted for, with prepared answers."""

from __future__ import annotations

import copy
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ReadTimeoutError
from botocore.stub import Stubber

from recording_limiter import RecordingLimiter
from sluice.capacity.gate import gate
from sluice.capacity.metering import Consumption, Direction
from sluice.errors import SluiceError
from stubbed_http import Answer, error, stubbed_client

TABLE = "bulk"
KEY = {"k": {"S": "1"}}
ANY = {"DeleteRequest": {"Key": KEY}}


def used(units: float, table: str = TABLE) -> dict[str, Any]:
    return {"TableName": table, "CapacityUnits": units, "Table": {"CapacityUnits": units}}


DONE: Answer = (200, {"ConsumedCapacity": used(3)})
CHARGED = Consumption(3)
FAILED = error(500, "InternalServerError")
THROTTLED = error(400, "ProvisionedThroughputExceededException")


@pytest.fixture(autouse=True)
def _no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


def limited(client: Any, direction: Direction = "write", table: str = TABLE) -> RecordingLimiter:
    limiter = RecordingLimiter()
    gate(client, limiter, table=table, direction=direction)
    return limiter


def put(client: Any, **more: Any) -> Any:
    return client.put_item(TableName=TABLE, Item=KEY, **more)


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_each_attempt_waits_and_is_accounted_for_by_itself(mode: str) -> None:
    timeout = ReadTimeoutError(endpoint_url="http://local")
    client, http = stubbed_client(FAILED, timeout, THROTTLED, DONE, retries={"mode": mode, "total_max_attempts": 5})
    limiter = limited(client)
    put(client)
    assert limiter.ended == ["kept", "kept", "released", CHARGED]
    assert (limiter.throttles, len(http.sent)) == (1, 4)


def test_a_request_that_fails_for_good_is_accounted_for() -> None:
    client, _ = stubbed_client(THROTTLED, error(400, "ValidationException"))
    limiter = limited(client)
    with pytest.raises(client.exceptions.ClientError, match="ValidationException"):
        put(client)
    assert limiter.ended == ["released", "released"]
    assert limiter.throttles == 1


def test_a_request_without_an_answer_keeps_the_estimate() -> None:
    client, _ = stubbed_client(ReadTimeoutError(endpoint_url="http://local"), retries={"total_max_attempts": 1})
    limiter = limited(client)
    with pytest.raises(ReadTimeoutError):
        put(client)
    assert limiter.ended == ["kept"]


def test_an_answer_that_cannot_be_parsed_keeps_the_estimate() -> None:
    client, _ = stubbed_client(DONE)

    def refuse(**_: Any) -> None:
        raise ValueError("no JSON")

    client.meta.events.register("before-parse.dynamodb", refuse)
    limiter = limited(client)
    with pytest.raises(ValueError, match="no JSON"):
        put(client)
    assert limiter.ended == ["kept"]


@pytest.mark.parametrize("attempt", [0, 1])
def test_a_wait_that_ends_with_an_error_is_the_callers_and_is_not_repeated(attempt: int) -> None:
    client, http = stubbed_client(FAILED, DONE)
    limiter = limited(client)
    refusal = SluiceError("capacity.deadline", "too late", retryable=True)
    limiter.refusals = {attempt: refusal}
    with pytest.raises(SluiceError) as raised:
        put(client)
    assert raised.value is refusal
    assert limiter.started == attempt + 1
    assert len(http.sent) == attempt
    assert limiter.under_way == 0


def test_a_request_is_signed_after_the_wait() -> None:
    client, _ = stubbed_client(FAILED, DONE)
    order: list[str] = []

    class Limiter(RecordingLimiter):
        def acquire(self) -> Any:
            order.append("wait")
            return super().acquire()

    def sign(**_: Any) -> None:
        order.append("sign")

    client.meta.events.register("before-sign.dynamodb", sign)
    gate(client, Limiter(), table=TABLE, direction="write")
    put(client)
    assert order == ["wait", "sign"] * 2


def test_a_repeated_request_has_no_time_to_live_from_before_the_wait() -> None:
    plain, plain_http = stubbed_client(FAILED, DONE)
    put(plain)
    assert b"ttl=" in plain_http.sent[1].headers["amz-sdk-request"]
    client, http = stubbed_client(FAILED, DONE)
    limited(client)
    put(client)
    assert [each.headers["amz-sdk-request"] for each in http.sent] == [b"attempt=1; max=4", b"attempt=2; max=4"]


def test_requests_pass_that_use_another_table_or_direction_or_no_capacity() -> None:
    client, http = stubbed_client((200, {}))
    limiter = limited(client)
    client.put_item(TableName="other", Item=KEY)
    client.get_item(TableName=TABLE, Key=KEY)
    client.describe_table(TableName=TABLE)
    assert limiter.started == 0
    assert len(http.sent) == 3
    assert all(b"ReturnConsumedCapacity" not in each.body for each in http.sent)


def test_each_direction_of_each_table_has_a_limiter() -> None:
    both = [{"Statement": "SELECT * FROM bulk"}, {"Statement": "UPDATE other SET a=1 WHERE k=1"}]
    client, _ = stubbed_client((200, {"ConsumedCapacity": [used(3), used(5, "other")], "Responses": [{}, {}]}))
    reads, writes, others = limited(client, "read"), limited(client, "write"), limited(client, "write", "other")
    client.batch_execute_statement(Statements=both)
    assert (reads.ended, writes.ended, others.ended) == ([Consumption(3)], [], [Consumption(5)])


def test_a_refusal_under_one_limit_gives_back_the_permit_of_another() -> None:
    client, http = stubbed_client(DONE)
    writes, others = limited(client), limited(client, "write", "other")
    others.refusals = {0: SluiceError("capacity.paused", "paused")}
    with pytest.raises(SluiceError):
        client.batch_write_item(RequestItems={TABLE: [ANY], "other": [ANY]})
    assert writes.ended == ["released"]
    assert http.sent == []


def test_a_second_limiter_for_the_same_capacity_replaces_the_first() -> None:
    client, _ = stubbed_client(DONE)
    first, second = limited(client), limited(client)
    put(client)
    assert (first.started, second.ended) == (0, [CHARGED])


def test_what_cannot_be_limited_is_refused() -> None:
    client, http = stubbed_client(DONE)
    limiter = limited(client)
    with pytest.raises(SluiceError) as raised:
        client.start_bulk_put_items(TableName=TABLE, InputS3Configuration={}, OutputS3Configuration={})
    assert (raised.value.code, raised.value.value) == ("capacity.unlimited-operation", "StartBulkPutItems")
    assert "must share its limit, which StartBulkPutItems cannot" in raised.value.message
    assert (limiter.started, http.sent) == (0, [])


def test_an_operation_that_reports_nothing_keeps_the_estimate_unless_it_fails() -> None:
    client, http = stubbed_client((200, {"Items": []}), error(400, "ValidationException"))
    limiter = limited(client, "read")

    search = {"TableName": TABLE, "IndexName": "byVector", "SearchVector": [{"N": "0.5"}], "TopK": 1}
    client.search_vectors(**search)
    with pytest.raises(ClientError):
        client.search_vectors(**search)
    assert limiter.ended == ["kept", "released"]
    assert b"ReturnConsumedCapacity" not in http.sent[0].body


def test_an_attempt_that_the_user_interrupts_is_accounted_for_before_the_next() -> None:
    client, _ = stubbed_client(KeyboardInterrupt(), DONE)
    limiter = limited(client)
    with pytest.raises(KeyboardInterrupt):
        put(client)
    assert limiter.ended == []
    put(client)
    assert limiter.ended == ["kept", CHARGED]


def test_an_attempt_that_cannot_be_signed_keeps_the_estimate() -> None:
    client, http = stubbed_client(DONE)
    limiter = limited(client)

    def fail(**_: Any) -> None:
        raise NoCredentialsError

    client.meta.events.register("before-sign.dynamodb", fail)
    with pytest.raises(NoCredentialsError):
        put(client)
    assert (limiter.ended, http.sent) == (["kept"], [])


def test_arguments_of_the_caller_stay_as_they_are() -> None:
    client, http = stubbed_client((200, {}))
    limited(client)
    condition = {"ConditionExpression": "attribute_exists(k)"}
    items = [{"Delete": {"TableName": TABLE, "Key": KEY, **condition}}]
    arguments = {"TransactItems": items, "ReturnConsumedCapacity": "TOTAL"}
    before = copy.deepcopy(arguments)
    client.transact_write_items(**arguments)
    assert arguments == before
    assert b'"ALL_OLD"' in http.sent[0].body


def test_threads_have_an_attempt_under_way_each() -> None:
    client, _ = stubbed_client(DONE, max_pool_connections=50)
    limiter = limited(client)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: put(client), range(200)))
    assert limiter.ended == [CHARGED] * 200


def test_responses_of_a_stubber_pass() -> None:
    client = boto3.client("dynamodb", region_name="eu-central-1")
    limiter = limited(client)
    with Stubber(client) as stubber:
        stubber.add_response("put_item", {"ConsumedCapacity": used(1)}, {"TableName": TABLE, "Item": KEY})
        put(client)
    assert limiter.started == 0


def test_a_client_that_nobody_uses_any_more_is_forgotten() -> None:
    client, _ = stubbed_client(DONE)
    limited(client)
    reference = weakref.ref(client)
    del client
    gc.collect()
    assert reference() is None
