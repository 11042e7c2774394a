"""A limiter that lets every attempt through, and records how each one ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from sluice.capacity.metering import Consumption


@dataclass
class RecordingLimiter:
    ended: list[Consumption | str] = field(default_factory=list)
    """What was charged, `kept` or `released`, for each attempt."""
    started: int = 0
    throttles: int = 0
    refusals: dict[int, BaseException] = field(default_factory=dict)
    """The error with which the wait of an attempt ends, by the attempt's number from 0."""

    def acquire(self) -> RecordedPermit:
        number = self.started
        self.started += 1
        if number in self.refusals:
            raise self.refusals[number]
        return RecordedPermit(self)

    def throttled(self) -> None:
        self.throttles += 1

    @property
    def under_way(self) -> int:
        return self.started - len(self.ended) - len(self.refusals)


@dataclass
class RecordedPermit:
    limiter: RecordingLimiter
    open: bool = True

    def charge(self, consumption: Consumption) -> None:
        self._end(consumption)

    def keep(self) -> None:
        self._end("kept")

    def release(self) -> None:
        self._end("released")

    def _end(self, how: Consumption | str) -> None:
        assert self.open, "exactly one method of a permit is called"
        self.open = False
        self.limiter.ended.append(how)
