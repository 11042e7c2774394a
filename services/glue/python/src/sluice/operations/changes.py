"""The decisions of update, delete and copy on an item. Pure.

Each function compiles the parameters of a job once, and returns a function that decides on one item after the other.
Parameters come from the job's record; the start function has validated them. See shared/operations/{update,delete,copy}
and shared/writing/decideBy.ts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeAlias

from sluice.aws.item import AttributeValue, Item
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
from sluice.writing.update.bounds import KeyRule, key_problem, put_rules, too_large
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
    key_failure = _key_check(target)

    def copied(item: Item) -> Item | Count | Failure:
        verdict = ALREADY if update is None else update.verdict(item)
        if isinstance(verdict, Failure) or verdict == SKIPPED:
            return verdict
        # If the transform has nothing to change, the item is copied as it is.
        made = applied(item, verdict) if isinstance(verdict, Update) else item
        return key_failure(made) or too_large(item_bytes(made)) or made

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


def _key_check(target: TableSchema) -> Callable[[Item], Failure | None]:
    """Finds what DynamoDB would refuse in the keys of table and indexes."""
    rules = [(name, rule, name in target.keys) for name, rule in put_rules(target).items()]

    def failure(made: Item) -> Failure | None:
        for name, rule, is_own in rules:
            value = made.get(name)
            # An item without the keys of an index isn't in it.
            if value is None and not is_own:
                continue
            problem = (
                f"must be of type {rule.type}, because it is a key of table {target.name}, but is missing"
                if value is None
                else key_problem(value, rule)
            )
            if problem is not None:
                code = "KEY_INVALID" if is_own else "INDEX_KEY_INVALID"
                return Failure(code, f"{name} {problem}{_other_type(value, rule)}.")
        return None

    return failure


def _other_type(value: AttributeValue | None, rule: KeyRule) -> str:
    return "" if value is None or rule.type in value else f", but has type {next(iter(value))}"


def _seen_in(paths: Iterable[Path], target: TableSchema) -> Callable[[Item], list[Seen]]:
    """The values of an item at paths. Key attributes never change, so they are left out."""
    places: list[tuple[Path, Get]] = [(path, getter(path)) for path in paths if path[0] not in target.keys]
    return lambda item: [Seen(path, get(item)) for path, get in places]
