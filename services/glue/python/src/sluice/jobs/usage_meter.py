"""Counts the requests of a worker that AWS bills, for the bill of its job: shared/cost/{usageMeter,requestUsage}.ts.

Every attempt counts, because every attempt is paid for. Of DynamoDB only the jobs table's capacity counts: the capacity
of the job's own table is in the counts of its units.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any, TypeAlias

from sluice.aws.item_size import item_bytes
from sluice.capacity.metering import write_capacity_units

Usage: TypeAlias = Mapping[str, float]
"""Amounts by the names of shared/cost/usage.ts, such as `writeUnits`. One that is missing is 0."""

_KEY = "sluice-usage"
"""Where a request's context keeps its input."""
_CONSUMING = re.compile(r"(Get|Put|Update|Delete|BatchGet|BatchWrite|TransactGet|TransactWrite)Items?|Query|Scan")
"""Operations that take `ReturnConsumedCapacity`."""
_READS = re.compile(r"Get|Query|Scan|BatchGet|TransactGet")
_PUTS = re.compile(r"Put|Copy|List|Post|Create|Complete|UploadPart")
"""Operations of S3 that cost as a PUT does; the others cost as a GET, or nothing."""
_FREE = re.compile(r"Delete|Abort")


def add_usage(a: Usage, b: Usage) -> Usage:
    return {name: a.get(name, 0) + b.get(name, 0) for name in {**a, **b}}


class UsageMeter:
    """`jobs_table`: the table whose capacity counts. Any number of threads may use the clients that it watches."""

    def __init__(self, jobs_table: str) -> None:
        self._jobs_table = jobs_table
        self._lock = threading.Lock()
        self._counted: Usage = {}

    def watch(self, client: Any) -> None:
        """From now on the boto3 client's requests count."""
        events = client.meta.events
        events.register_last("before-parameter-build.dynamodb", self._ask)
        events.register("response-received", self._count)

    def take(self, rest: Usage) -> Usage:
        """What was used since the last time, and `rest`: what the write that stores it uses."""
        with self._lock:
            counted, self._counted = self._counted, {}
        return add_usage(counted, rest)

    def _ask(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        context[_KEY] = params
        if _CONSUMING.fullmatch(model.name) and params.get("ReturnConsumedCapacity", "NONE") == "NONE":
            params["ReturnConsumedCapacity"] = "TOTAL"

    def _count(
        self,
        event_name: str,
        response_dict: Mapping[str, Any] | None,
        parsed_response: Any,
        context: Mapping[str, Any],
        **_: Any,
    ) -> None:
        service, operation = event_name.split(".")[1:]
        if service == "dynamodb":
            used = self._capacity(operation, parsed_response or {}, response_dict, context.get(_KEY, {}))
        else:
            used = _requests(service, operation)
        with self._lock:
            self._counted = add_usage(self._counted, used)

    def _capacity(
        self,
        operation: str,
        answer: Mapping[str, Any],
        response_dict: Mapping[str, Any] | None,
        given: Mapping[str, Any],
    ) -> Usage:
        if response_dict is None:
            return {}
        if response_dict["status_code"] >= 300:
            return self._capacity_of_error(answer, given)
        capacity = answer.get("ConsumedCapacity", ())
        parts = [capacity] if isinstance(capacity, Mapping) else capacity
        units = sum(each.get("CapacityUnits", 0) for each in parts if each.get("TableName") == self._jobs_table)
        return {"readUnits" if _READS.match(operation) else "writeUnits": units}

    def _capacity_of_error(self, answer: Mapping[str, Any], given: Mapping[str, Any]) -> Usage:
        """A failed condition consumes by the item that it met, or one unit if the item is unknown.

        A cancelled transaction consumes two units for each of its actions.
        """
        code = answer.get("Error", {}).get("Code")
        if code == "ConditionalCheckFailedException" and given.get("TableName") == self._jobs_table:
            return {"writeUnits": write_capacity_units(item_bytes(answer.get("Item", {})))}
        if code != "TransactionCanceledException":
            return {}
        actions = [action for item in given.get("TransactItems", ()) for action in item.values()]
        return {"writeUnits": 2 * sum(action.get("TableName") == self._jobs_table for action in actions)}


def _requests(service: str, operation: str) -> Usage:
    if service == "sqs":
        return {"queueRequests": 1}
    if service != "s3" or _FREE.match(operation):
        return {}
    return {"puts" if _PUTS.match(operation) else "gets": 1}
