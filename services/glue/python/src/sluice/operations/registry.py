"""The work of Sluice's own operations. A module is imported when its operation is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from sluice.errors import SluiceError
from sluice.operations.operation import OperationWork

OPERATIONS: dict[str, str] = {
    "count": "sluice.operations.count:Count",
    "export": "sluice.operations.export:Export",
    "update": "sluice.operations.update:Update",
    "delete": "sluice.operations.delete:Delete",
    "copy": "sluice.operations.copy:Copy",
}
"""`module:class` by the name of an operation."""


def operation_of(name: str) -> OperationWork:
    """The work of an operation. Raises SluiceError NO_SUCH_OPERATION if Spark has none."""
    if name not in OPERATIONS:
        raise SluiceError("NO_SUCH_OPERATION", f'Spark has no operation "{name}".', value=name)
    module, attribute = OPERATIONS[name].split(":")
    return cast(OperationWork, getattr(import_module(module), attribute)())
