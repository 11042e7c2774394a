"""Budgets and retries with which tests open sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sluice.capacity.metering import Purpose
from sluice.sources.source import SourceTools


@dataclass
class FixedBudget:
    read: float | None = None
    write: float | None = None
    most: float | None = None

    def per_second(self, purpose: Purpose) -> float | None:
        return {"read": self.read, "write": self.write}.get(purpose)

    def most_items(self, passed: float = 1) -> float | None:
        return self.most


def once(call: Callable[[], Any]) -> Any:
    """A retry that repeats nothing."""
    return call()


def source_tools(
    *,
    s3: Any = None,
    dynamodb: Any = None,
    budget: FixedBudget | None = None,
    retry: Callable[[Callable[[], Any]], Any] = once,
) -> SourceTools:
    return SourceTools(dynamodb=dynamodb, s3=s3, budget=budget or FixedBudget(), retry=retry)
