from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from botocore.exceptions import ClientError

from capacity.forms import camel, change_from, costs_from, item_from, limits_from
from capacity.virtual_time import MemoryLedger
from golden import typescript_golden
from sluice.capacity.ledger import DynamoDbLedger, Ledger
from sluice.capacity.ledger.attributes import from_attributes, to_attributes
from sluice.capacity.ledger.item import LedgerChange, LedgerItem, Updated
from sluice.capacity.ledger.ledger import Reservation, ReserveRequest
from sluice.capacity.ledger.pause import pause_update
from sluice.capacity.ledger.throttle import factor_after_throttle, factor_at
from sluice.capacity.metering import CapacityLimits
from sluice.errors import SluiceError

REQUESTS: dict[str, Any] = typescript_golden("ledgerRequests")
RUNS: list[list[dict[str, Any]]] = typescript_golden("ledger")

KEY = {"pk": {"S": "job-7"}, "sk": {"S": "ledger#write"}}
EXTRA = {"expiresAt": {"N": "1900000000"}}
ITEM = item_from(REQUESTS["creates"][0]["item"])


class Client:
    """Records its requests. Gives one answer, or raises it."""

    def __init__(self, answer: Any) -> None:
        self.requests: list[dict[str, Any]] = []
        self._answer = answer

    def _send(self, **request: Any) -> Any:
        self.requests.append(request)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    put_item = get_item = update_item = _send


def asked(use: Callable[[DynamoDbLedger], Any]) -> list[dict[str, Any]]:
    client = Client({"Attributes": to_attributes(ITEM), "Item": to_attributes(ITEM)})
    use(DynamoDbLedger(client, "jobs", KEY, EXTRA))
    return client.requests


def refused(item: LedgerItem | None = None) -> ClientError:
    found = {} if item is None else {"Item": to_attributes(item)}
    return ClientError({"Error": {"Code": "ConditionalCheckFailedException"}, **found}, "UpdateItem")


class TestDynamoDbLedger:
    def test_creates_and_reads_the_item_as_typescript_does(self) -> None:
        for case in REQUESTS["creates"]:
            assert asked(lambda store, case=case: store.create(item_from(case["item"]))) == case["requests"]
        assert asked(lambda store: store.read()) == REQUESTS["read"]

    @pytest.mark.parametrize("case", REQUESTS["updates"], ids=lambda case: json.dumps(case["change"]))
    def test_makes_each_change_with_the_request_that_typescript_makes(self, case: dict[str, Any]) -> None:
        assert asked(lambda store: store.update(change_from(case["change"]))) == case["requests"]

    def test_pauses_as_part_of_a_transaction_as_typescript_does(self) -> None:
        for case in REQUESTS["pauses"]:
            assert pause_update("jobs", KEY, case["paused"], case.get("member")) == case["update"]

    def test_reads_and_writes_the_attributes_that_typescript_writes_and_reads(self) -> None:
        for case in REQUESTS["items"]:
            item = item_from(case["item"])
            assert from_attributes(case["attributes"]) == item
            written = {name: value for name, value in case["attributes"].items() if name != "pausedMembers"}
            assert to_attributes(item) == written

    def test_a_refused_change_returns_the_item_that_was_there(self) -> None:
        for found in (ITEM, None):
            store = DynamoDbLedger(Client(refused(found)), "jobs", KEY)
            assert store.update(LedgerChange(add={"workers": 1})) == Updated(False, found)
            assert store.create(ITEM) is False

    def test_an_item_that_is_not_there_is_none(self) -> None:
        assert DynamoDbLedger(Client({}), "jobs", KEY).read() is None

    def test_any_other_error_is_the_callers(self) -> None:
        store = DynamoDbLedger(
            Client(ClientError({"Error": {"Code": "InternalServerError"}}, "UpdateItem")), "jobs", KEY
        )
        for use in (store.read, lambda: store.create(ITEM), lambda: store.update(LedgerChange())):
            with pytest.raises(ClientError, match="InternalServerError"):
                use()


class TestLedger:
    @pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{len(run)} steps")
    def test_grants_what_typescript_grants(self, run: list[dict[str, Any]]) -> None:
        store = MemoryLedger()
        members = [Ledger(store), Ledger(store, "a"), Ledger(store, "b")]
        members[0].create(CapacityLimits(100, {"byDate": 50}), 0)
        for each in run:
            kind, *arguments = each["step"]
            answer = perform(members[each["member"]], kind, *arguments)
            assert answer == answer_from(each["answer"]), each["step"]

    def test_a_missing_ledger_is_an_error_with_a_code(self) -> None:
        ledger = Ledger(MemoryLedger())
        request = ReserveRequest(now=0, span=5, horizon=200, counted=True, expect_idle=False)
        for use in (ledger.read, ledger.join, lambda: ledger.reserve(request)):
            with pytest.raises(SluiceError) as raised:
                use()
            assert raised.value.code == "capacity.ledger-missing"

    def test_refuses_limits_of_zero(self) -> None:
        for use in (Ledger(MemoryLedger()).create, Ledger(MemoryLedger()).configure):
            with pytest.raises(SluiceError) as raised:
                use(CapacityLimits(0), 5)
            assert raised.value.code == "capacity.limits-invalid"


def test_throttles_lower_the_limits_as_in_typescript() -> None:
    for case in REQUESTS["throttles"]:
        item = item_from(case["item"])
        assert factor_at(item, case["now"]) == case["factor"]
        assert factor_after_throttle(item, case["now"]) == case["lowered"]


def perform(ledger: Ledger, kind: str, *arguments: Any) -> LedgerItem | Reservation:
    match kind:
        case "join":
            return ledger.join()
        case "leave" | "adjust":
            ms, costs, if_until = arguments
            return getattr(ledger, kind)(ms, costs and costs_from(costs), if_until)
        case "configure":
            return ledger.configure(limits_from(arguments[0]), arguments[1])
        case "pause":
            return ledger.pause(arguments[0])
        case "throttled":
            return ledger.throttled(arguments[0], ledger.read())
    form = arguments[0]
    request = {each.name: form[camel(each.name)] for each in fields(ReserveRequest) if camel(each.name) in form}
    return ledger.reserve(ReserveRequest(**{**request, "costs": form.get("costs") and costs_from(form["costs"])}))


def answer_from(form: dict[str, Any]) -> LedgerItem | Reservation:
    if "granted" not in form:
        return item_from(form)
    return Reservation(form["granted"], item_from(form["item"]), form.get("start", 0.0))
