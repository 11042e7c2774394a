"""Lets every attempt of every boto3 request to one table pass through a capacity limiter.

```python
client = boto3.client("dynamodb")
gate(client, limiter, table="results", direction="write")
```

A port of shared/capacity/plugin/capacityPlugin.ts to botocore's events, which the client of a resource has as well:

| event | what happens |
| --- | --- |
| `before-parameter-build` | asks for the figures that metering needs; last, when a resource has converted its values |
| `request-created` | waits for capacity; first, above signing, so that a long wait doesn't age a signature |
| `response-received` | charges the attempt, and takes out of the response what the caller didn't ask for |
| `after-call-error` | ends an attempt that got no response to look at |

botocore creates a request for each attempt, below its retries. It doesn't repeat a request whose wait ended with an
error, such as `capacity.deadline` or `capacity.paused`: the caller gets that error.

Requests to other tables, of the other direction, or of operations that consume nothing pass untouched. Every request
that may use the table is gated. A PartiQL statement of unknown form counts as both a read and a write of the table, and
so does an unknown operation that names the table. If a response doesn't report the consumption, the limiter's estimate
is charged. `StartBulkPutItems` is refused: the service writes at a rate of its own.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from sluice.capacity.metering import Consumption, Direction
from sluice.capacity.plugin.as_asked import as_asked, metered
from sluice.capacity.plugin.operations import Input, use_of
from sluice.capacity.plugin.outcome import UNREPORTED, Outcome, outcome_of
from sluice.errors import SluiceError

_KEY = "sluice"
"""Where a request's context keeps its `_Call`."""


class Permit(Protocol):
    """Permission for one attempt of one request. Exactly one of its methods is called when the attempt is over."""

    def charge(self, consumption: Consumption) -> None: ...

    def keep(self) -> None: ...

    def release(self) -> None: ...


class Limiter(Protocol):
    """What the gate needs of a `CapacityLimiter`."""

    def acquire(self) -> Permit: ...

    def throttled(self) -> None: ...


def gate(client_or_resource: Any, limiter: Limiter, *, table: str, direction: Direction) -> None:
    """Limits a boto3 client or resource of DynamoDB. Apply it again for the other direction and for other tables.

    `table` is a table's name. A second limiter for the same table and direction replaces the first.

    Requests then raise what `limiter.acquire` raises, and `capacity.unlimited-operation` for an operation that can't
    share the limit.
    """
    client = getattr(client_or_resource.meta, "client", client_or_resource)
    with _lock:
        gates = _gates.get(client)
        if gates is None:
            gates = _gates[client] = _Gates(client.meta.events)
        gates.limiters = {**gates.limiters, (table, direction): limiter}


@dataclass(slots=True)
class _Turn:
    """A limit that a request comes under."""

    limiter: Limiter
    table: str
    reported: bool
    """Responses report what was consumed."""


@dataclass(slots=True)
class _Call:
    """A request, with all its attempts."""

    given: Input
    """What the caller asked for."""
    turns: list[_Turn]
    permits: list[Permit] = field(default_factory=list)
    """Of the attempt that is under way, in the order of `turns`."""

    def drop(self) -> None:
        """The attempt's consumption is unknown."""
        while self.permits:
            self.permits.pop().keep()


class _Gates:
    """All gates of one client."""

    def __init__(self, events: Any) -> None:
        self.limiters: dict[tuple[str, Direction], Limiter] = {}
        self._thread = threading.local()
        events.register_last("before-parameter-build.dynamodb", self._ask)
        events.register_first("request-created.dynamodb", self._wait)
        events.register_first("response-received.dynamodb", self._settle)
        events.register_first("after-call-error.dynamodb", self._fail)

    def _ask(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        turns: list[_Turn] = []
        reported = False
        for (table, direction), limiter in self.limiters.items():
            use = use_of(model.name, params, table, direction)
            if use == "unlimited":
                raise _unlimited_error(model.name, table)
            if use != "none":
                turns.append(_Turn(limiter, table, use == "metered"))
                reported = reported or use == "metered"
        if not turns:
            return
        context[_KEY] = _Call(dict(params), turns)
        if reported:
            # The top level is the caller's own; what lies deeper may be used for the next request.
            params.update(metered(params))

    def _wait(self, request: Any, **_: Any) -> None:
        call: _Call | None = request.context.get(_KEY)
        if call is None:
            return
        self._leave_interrupted()
        self._thread.call = call
        try:
            for turn in call.turns:
                call.permits.append(turn.limiter.acquire())
        except Exception:
            # Nothing was sent.
            while call.permits:
                call.permits.pop().release()
            raise
        # The time until which the response is useful. botocore computed it before the wait.
        request.context.get("retries", {}).pop("ttl", None)

    def _leave_interrupted(self) -> None:
        """An attempt that ended with KeyboardInterrupt, which no event reports."""
        before: _Call | None = getattr(self._thread, "call", None)
        if before is not None:
            before.drop()

    def _settle(
        self, response_dict: dict[str, Any] | None, parsed_response: Any, context: dict[str, Any], **_: Any
    ) -> None:
        call: _Call | None = context.get(_KEY)
        if call is None:
            return
        self._thread.call = None
        permits, call.permits = call.permits, []
        status = 0 if response_dict is None else response_dict["status_code"]
        for turn, permit in zip(call.turns, permits, strict=False):
            if status == 0 or (status < 300 and not turn.reported):
                outcome = UNREPORTED
            else:
                outcome = outcome_of(parsed_response, status, call.given, turn.table)
            _end(turn.limiter, permit, outcome)
        if status != 0:
            as_asked(parsed_response, call.given)

    def _fail(self, context: dict[str, Any], **_: Any) -> None:
        call: _Call | None = context.get(_KEY)
        if call is not None:
            call.drop()


_gates: WeakKeyDictionary[Any, _Gates] = WeakKeyDictionary()
_lock = threading.Lock()


def _end(limiter: Limiter, permit: Permit, outcome: Outcome) -> None:
    if outcome.throttled:
        limiter.throttled()
    consumed = outcome.consumed
    if consumed is None:
        permit.keep()
    elif consumed.table == 0 and not consumed.indexes:
        permit.release()
    else:
        permit.charge(consumed)


def _unlimited_error(operation: str, table: str) -> SluiceError:
    message = (
        f"gate: requests to table {table} must share its limit, which {operation} cannot; "
        "send it through a client without the limit"
    )
    return SluiceError("capacity.unlimited-operation", message, value=operation)
