"""A user's operation in Python, the twin of one in TypeScript: a function of a page.

```python
# my_operations.py
def count_by_size(page, so_far, tools):
    counts = dict(so_far or {})
    for item in page.items:
        size = item.get("size", {}).get("S", "none")
        counts[size] = counts.get(size, 0) + 1
    return counts

count_by_size.pure = True
```

The promise is that of shared/operations/operation.ts: after a crash, the pages since the last checkpoint are repeated.
So a function with side effects has to be idempotent per `page.position`. A function that only computes its result
from `so_far` and the page declares that with `pure = True`. Checkpoints are then about a second apart, instead of after
every page.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module

from sluice.aws.item import Json
from sluice.errors import SluiceError
from sluice.operations.operation import Page, Tools

_RESULT_BYTES_MAX = 300_000
"""A record has 400 KB in all."""


class PageFunction:
    writes = False

    def __init__(self, function: Callable[[Page, Json, Tools], Json]) -> None:
        self._function = function
        self.pure = getattr(function, "pure", False) is True

    def page(self, page: Page, so_far: Json, tools: Tools) -> Json:
        result = self._function(page, so_far, tools)
        _check_keepable(result)
        return result

    def flush(self, result: Json, tools: Tools) -> Json:
        return result

    def failures(self, result: Json) -> int:
        return 0


def _check_keepable(result: Json) -> None:
    """Checks whether a checkpoint can keep a result: shared/operations/user/userResult.ts."""
    try:
        text = json.dumps(result, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise SluiceError("RESULT_NOT_JSON", f"The result must be a JSON value: {error}.") from error
    if json.loads(text) != result:
        raise SluiceError("RESULT_NOT_JSON", "The result must be a JSON value, such as a list instead of a tuple.")
    size = len(text.encode("utf8", "surrogatepass"))
    if size > _RESULT_BYTES_MAX:
        message = f"The result must have at most {_RESULT_BYTES_MAX} bytes as JSON, got {size}."
        raise SluiceError("RESULT_TOO_LARGE", message, value=size)


def page_function(name: str) -> PageFunction:
    """The operation of a function. `name`: `module:function`. Raises SluiceError NO_SUCH_OPERATION if there is none."""
    module, _, attribute = name.partition(":")
    try:
        function = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        message = f'The Python twin of an operation must be a `module:function` that can be imported, "{name}" is not: '
        raise SluiceError("NO_SUCH_OPERATION", f"{message}{error}", value=name) from error
    return PageFunction(function)
