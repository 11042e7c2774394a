"""The decisions of update, delete and copy on an item. Pure.

Each function compiles the parameters of a job once, and returns a function that decides on one item after the other.
Parameters come from the job's record; the start function has validated them. See shared/operations/{update,delete,copy}
and shared/writing/decideBy.ts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeAlias

from sluice.aws.item import Item
from sluice.aws.item_size import item_bytes
from sluice.expressions.condition import only_if
from sluice.expressions.path import Get, Path, getter
from sluice.expressions.same_value import same_item
from sluice.tables.schema import TableSchema
from sluice.writing.applied import applied
from sluice.writing.conditional_write import (
    ALREADY,
    SKIPPED,
    ConditionalWrite,
    Count,
    Decide,
    Delete,
    Failure,
    Put,
    Seen,
    Update,
    Verdict,
    Write,
)
from sluice.writing.item_key import key_of
from sluice.writing.update.bounds import too_large
from sluice.writing.update.declared import DeclaredUpdate

_MOST_PATHS = 100
"""An expression may have 4 KB and 300 operators."""

Copied: TypeAlias = Callable[[Item], Item | Count | Failure]
"""The item to put, or why there is none."""


def compile_update(params: Mapping[str, Any], target: TableSchema, job: str) -> Decide:
    """Decides on the update that the parameters declare. `job`: the job's id, which marks items by default."""
    update = DeclaredUpdate(params["update"], target, params.get("markerValue", job))
    seen_in = _seen_in(update.paths, target)

    def decide(item: Item) -> Verdict:
        verdict = update.verdict(item)
        if not isinstance(verdict, Update):
            return verdict
        return Write(ConditionalWrite(key_of(item, target.name, target.keys), verdict, seen_in(item)))

    return decide


def compile_delete(params: Mapping[str, Any], target: TableSchema) -> Decide:
    """Deletes items that meet `onlyIf`, or all of them.

    With `keepBefore` it deletes an item only if it is unchanged, because an item of an export may be old. Changes of
    attributes beyond the first 100, and new attributes, go unnoticed.
    """
    condition = only_if(params)
    paths = [] if condition is None else condition.paths
    keeps_before = params.get("keepBefore") is True
    seen_in = _seen_in(paths, target)

    def decide(item: Item) -> Verdict:
        if condition is not None and not condition.holds(item):
            return SKIPPED
        key = key_of(item, target.name, target.keys)
        if not keeps_before:
            return Write(ConditionalWrite(key, Delete(), seen_in(item)))
        whole = dict.fromkeys([*paths, *((name,) for name in islice(item, _MOST_PATHS))])
        return Write(ConditionalWrite(key, Delete(item), _seen_in(whole, target)(item)))

    return decide


def compile_copy(params: Mapping[str, Any], target: TableSchema, job: str) -> Copied:
    """The item that a copy puts into the table `target`."""
    transform = params.get("transform")
    update = None if transform is None else DeclaredUpdate(transform, None, job)

    def copied(item: Item) -> Item | Count | Failure:
        verdict = ALREADY if update is None else update.verdict(item)
        if isinstance(verdict, Failure) or verdict == SKIPPED:
            return verdict
        # If the transform has nothing to change, the item is copied as it is.
        made = applied(item, verdict) if isinstance(verdict, Update) else item
        return _key_failure(made, target) or too_large(item_bytes(made)) or made

    return copied


def compile_conditional_copy(params: Mapping[str, Any], target: TableSchema, job: str) -> Decide:
    """Decides on a copy with `ifAbsent`. An existing item stays as it is."""
    copied = compile_copy(params, target, job)

    def decide(item: Item) -> Verdict:
        made = copied(item)
        if isinstance(made, Count | Failure):
            return made
        write = ConditionalWrite(key_of(made, target.name, target.keys), Put(made), ())
        return Write(write, lambda there: ALREADY if same_item(there, made) else SKIPPED)

    return decide


def _key_failure(made: Item, target: TableSchema) -> Failure | None:
    for key in target.keys:
        kind, value = target.key_types.get(key, "S"), made.get(key)
        if value is None or kind not in value:
            got = "is missing" if value is None else f"has type {next(iter(value))}"
            reason = f"{key} must be of type {kind}, being a key of table {target.name}, but {got}."
            return Failure("KEY_INVALID", reason)
    return None


def _seen_in(paths: Iterable[Path], target: TableSchema) -> Callable[[Item], list[Seen]]:
    """The values of an item at paths. Key attributes never change, so they are left out."""
    places: list[tuple[Path, Get]] = [(path, getter(path)) for path in paths if path[0] not in target.keys]
    return lambda item: [Seen(path, get(item)) for path, get in places]
