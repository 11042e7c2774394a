"""Runs the scenarios of test/golden/limiterScenario.ts, and writes the same lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any

from capacity.virtual_time import EPOCH, Machine, MemoryLedger, VirtualTime
from sluice.capacity.ledger import Ledger
from sluice.capacity.ledger.item import LedgerChange, LedgerItem, Updated
from sluice.capacity.metering import CapacityLimits, Consumption
from sluice.capacity.worker.session import Permit, Session, SessionOptions
from sluice.errors import SluiceError

Random = Callable[[], float]
Scenario = Mapping[str, Any]

CAMEL = {
    "member_unpaused": "memberUnpaused",
    "cost_known": "costKnown",
    "until_from": "untilFrom",
    "until_to": "untilTo",
    "until_before": "untilBefore",
    "factor_at_to": "factorAtTo",
    "cost_sum": "costSum",
    "cost_count": "costCount",
    "factor_at": "factorAt",
    "paused_members": "pausedMembers",
}


def run_scenario(scenario: Scenario) -> dict[str, Any]:
    """The result of a run: a LimiterTrace."""
    trace = _Trace(scenario)
    workers = [_Worker(trace, number, options) for number, options in enumerate(scenario["workers"])]
    events = [
        (thread.get("at", 0), lambda worker=worker, thread=thread, number=number: worker.start(thread, number))
        for worker in workers
        for number, thread in enumerate(worker.options["threads"])
    ]
    events += [(act["at"], lambda act=act: trace.perform(act, workers)) for act in scenario.get("acts", ())]
    for at, run in sorted(events, key=lambda event: event[0]):
        trace.time.run_until(at)
        run()
    trace.time.run_until(scenario["end"])
    waited = [math.floor(1000 * worker.waited_ms + 0.5) for worker in workers]
    return {"lines": trace.lines, "item": trace.item(), "waited": waited}


class _Trace:
    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.time = VirtualTime()
        self.lines: list[str] = []
        self.store = MemoryLedger()
        self.broken = False

    def note(self, who: str, what: str) -> None:
        self.lines.append(f"{_number(self.time.now):>6} {who} {what}")

    def item(self) -> str:
        assert self.store.item is not None
        order = [
            "until",
            "reservations",
            "workers",
            "cost_sum",
            "cost_count",
            "limits",
            "paused",
            "factor",
            "factor_at",
        ]
        return _shown((name, getattr(self.store.item, name)) for name in order)

    def perform(self, act: Mapping[str, Any], workers: list[_Worker]) -> None:
        operator = Ledger(self.store)
        match act["do"]:
            case "close":
                workers[act["worker"]].close()
            case "crash":
                workers[act["worker"]].machine.crash()
            case "throttle":
                workers[act["worker"]].session.throttled()
            case "configure":
                operator.configure(_limits(act["limits"]), Machine(self.time).now())
            case "break" | "mend":
                self.broken = act["do"] == "break"
            case _:
                operator.pause(act["do"] == "pause")


class _Worker:
    def __init__(self, trace: _Trace, number: int, options: Mapping[str, Any]) -> None:
        self.trace = trace
        self.options = options
        self.name = f"w{number}"
        self.number = number
        self.machine = Machine(trace.time, options.get("skewMs", 0))
        session_options = SessionOptions(
            ledger=Ledger(_DistantLedger(self)),
            limits=_limits(trace.scenario["limits"]),
            when_paused=trace.scenario.get("whenPaused", "wait"),
            longest_wait_ms=options.get("longestWaitMs", math.inf),
            pause_ms=options.get("pauseMs", 0.0),
            on_ledger_error=lambda error: self.note(f"error {error}"),
            random=seeded(number + 1),
        )
        deadline = EPOCH + options.get("deadline", math.inf)
        self.session = Session(session_options, deadline, self.machine)
        self._waited_ms: float | None = None
        """Once it is closed."""

    def note(self, what: str) -> None:
        self.trace.note(self.name, what)

    def close(self) -> None:
        if self._waited_ms is None:
            self._waited_ms = self.session.waited_ms
            self.session.close(lambda error: None)

    @property
    def waited_ms(self) -> float:
        return self.session.waited_ms if self._waited_ms is None else self._waited_ms

    def start(self, thread: Mapping[str, Any], number: int) -> None:
        _Work(self, self._requests(thread, 100 * (self.number + 1) + number)).go_on(None)

    def _requests(self, thread: Mapping[str, Any], seed: int) -> _Requests:
        lasts = between(thread["ms"], seed)
        pauses = between(thread.get("pauseMs", (0, 0)), 50_000 + seed)
        units, ends = thread["units"], thread.get("ends", ["charge"])
        request = 0
        while request < thread.get("count", math.inf):
            permit = yield None
            assert permit is not None
            self.note("start")
            if (ms := lasts()) > 0:
                yield ms
            _settle(permit, ends[request % len(ends)], units[request % len(units)])
            if (ms := pauses()) > 0:
                yield ms
            request += 1
        self.note("done")


_Requests = Generator[float | None, Permit | None, None]
"""Yields None for a permit, or how long to sleep."""


class _Work:
    """Requests of a worker, one after the other. Also records the turn of each."""

    def __init__(self, worker: _Worker, requests: _Requests) -> None:
        self._worker = worker
        self._requests = requests

    def go_on(self, permit: Permit | None) -> None:
        try:
            ms = next(self._requests) if permit is None else self._requests.send(permit)
            if ms is not None:
                self._worker.machine.after(ms, lambda: self.go_on(None))
            elif (started := self._worker.session.ask()) is not None:
                self.granted(started)
            else:
                self._worker.session.queue(self)
        except StopIteration:
            pass
        except SluiceError as error:
            self.refused(error)

    def granted(self, permit: Permit) -> None:
        self._worker.trace.time.soon(lambda: self.go_on(permit))

    def refused(self, error: Exception) -> None:
        reason = error.code if isinstance(error, SluiceError) else error
        self._worker.trace.time.soon(lambda: self._worker.note(f"rejected {reason}"))


class _DistantLedger:
    """The ledger behind a network. Records a worker's requests to it."""

    def __init__(self, worker: _Worker) -> None:
        self._worker = worker
        self._trace = worker.trace
        self._latency_ms = between(worker.trace.scenario.get("latencyMs", (4, 9)), 1000 + worker.number)

    def create(self, item: LedgerItem) -> bool:
        if self._worker.number == 0:
            self._worker.note("create")
        return self._distant(lambda: self._trace.store.create(item))

    def read(self) -> LedgerItem | None:
        self._worker.note("look")
        return self._distant(self._trace.store.read)

    def update(self, change: LedgerChange) -> Updated:
        result = self._distant(lambda: self._trace.store.update(change))
        omitted = (("unpaused", False), *((name, None) for name in vars(change.require)))
        require = (each for each in vars(change.require).items() if each not in omitted)
        parts = f"if {_shown(require)} set {_shown(change.set.items())} add {_shown(change.add.items())}"
        self._worker.note(f"{parts} {'applied' if result.applied else 'refused'}")
        return result

    def _distant(self, request: Callable[[], Any]) -> Any:
        if self._trace.broken:
            raise RuntimeError("unreachable")
        ms = self._latency_ms()
        self._trace.time.sleep(ms / 2)
        result = request()
        self._trace.time.sleep(ms / 2)
        return result


def seeded(seed: int) -> Random:
    """Mulberry32, as test/support/simulation/chance.ts has it."""
    state = seed

    def random() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & 0xFFFFFFFF)) & 0xFFFFFFFF
        return ((t ^ (t >> 14)) & 0xFFFFFFFF) / 4294967296

    return random


def between(span: tuple[float, float], seed: int) -> Random:
    random = seeded(seed)
    least, most = span
    return lambda: least + (most - least) * random()


def _settle(permit: Permit, end: str, units: Any) -> None:
    if end == "keep":
        permit.keep()
    elif end == "release":
        permit.release()
    elif isinstance(units, dict):
        permit.charge(Consumption(units["table"], units["indexes"]))
    else:
        permit.charge(Consumption(units))


def _limits(limits: Mapping[str, Any]) -> CapacityLimits:
    return CapacityLimits(limits["table"], limits.get("indexes", {}))


def _shown(values: Iterable[tuple[str, Any]]) -> str:
    """As JSON without quotation marks. Instants count from the beginning, to the microsecond."""
    return "{" + ",".join(f"{CAMEL.get(name, name)}:{_text(value)}" for name, value in values) + "}"


def _text(value: Any) -> str:
    if isinstance(value, CapacityLimits):
        indexes = {"indexes": value.indexes} if value.indexes else {}
        return _shown({"table": value.table, **indexes}.items())
    if isinstance(value, dict):
        return _shown(value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return _number(value - EPOCH if value > 1e12 else value)


def _number(ms: float) -> str:
    rounded = math.floor(ms * 1000 + 0.5) / 1000
    return str(int(rounded)) if rounded == int(rounded) else repr(rounded)
