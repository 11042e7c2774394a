"""Operations for tests of the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sluice.aws.item import Json
from sluice.operations.operation import Page, Tools


def hook(page: Page, tools: Tools) -> None:
    """Called with each page of `count_items`. A test may replace it."""


def count_items(page: Page, so_far: Json, tools: Tools) -> Json:
    hook(page, tools)
    return int(so_far or 0) + len(page.items)  # type: ignore[arg-type]


class Failing:
    """Every item fails."""

    pure = True
    writes = False

    def page(self, page: Page, so_far: Json, tools: Tools) -> Json:
        hook(page, tools)
        return int(so_far or 0) + len(page.items)  # type: ignore[arg-type]

    def flush(self, result: Json, tools: Tools) -> Json:
        return result

    def failures(self, result: Json) -> int:
        return int(result)  # type: ignore[arg-type]


class Once:
    """Calls a function only the first time, in whichever thread comes first."""

    def __init__(self, function: Callable[..., None]) -> None:
        self._function = function
        self._lock = threading.Lock()
        self._done = False

    def __call__(self, *args: Any) -> None:
        with self._lock:
            done, self._done = self._done, True
        if not done:
            self._function(*args)
