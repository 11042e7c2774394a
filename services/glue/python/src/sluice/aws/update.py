"""Builds an UpdateItem out of named parts, as shared/aws/update.ts does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final

from sluice.aws.marshall import attribute_of


class _Removed:
    """The type of REMOVED."""


REMOVED: Final = _Removed()
"""In `UpdateParts.set`: removes the attribute."""


@dataclass(frozen=True)
class UpdateParts:
    condition: str | None = None
    """A condition with `#name` for attributes and `:name` for the values below."""
    values: Mapping[str, object] = field(default_factory=dict)
    """Values that only the condition uses."""
    set: Mapping[str, object] = field(default_factory=dict)
    """Attributes to set. REMOVED removes one."""
    add: Mapping[str, float | Set[str]] = field(default_factory=dict)
    """Numbers to add, or members to add to a set. DynamoDB creates an attribute that does not exist."""
    delete: Mapping[str, Set[str]] = field(default_factory=dict)
    """Members to remove from a set. DynamoDB removes the attribute with its last member."""


def update_of(parts: UpdateParts) -> dict[str, Any]:
    """The expressions of an update. Attribute names are of letters, digits and `_`, reserved words included."""
    names: dict[str, str] = {}
    bound: dict[str, object] = dict(parts.values)

    def name(attribute: str) -> str:
        names[f"#{attribute}"] = attribute
        return f"#{attribute}"

    def bind(verb: str, attribute: str, value: object) -> str:
        bound[f"{verb}_{attribute}"] = value
        return f":{verb}_{attribute}"

    def terms(verb: str, amounts: Mapping[str, object]) -> list[str]:
        return [f"{name(attribute)} {bind(verb, attribute, value)}" for attribute, value in amounts.items()]

    kept = {attribute: value for attribute, value in parts.set.items() if value is not REMOVED}
    clauses = {
        "SET": [f"{name(attribute)} = {bind('set', attribute, value)}" for attribute, value in kept.items()],
        "REMOVE": [name(attribute) for attribute, value in parts.set.items() if value is REMOVED],
        "ADD": terms("add", parts.add),
        "DELETE": terms("delete", parts.delete),
    }
    for found in re.findall(r"#(\w+)", parts.condition or "", re.ASCII):
        name(found)
    return {
        "UpdateExpression": " ".join(f"{clause} {', '.join(each)}" for clause, each in clauses.items() if each),
        **({} if parts.condition is None else {"ConditionExpression": parts.condition}),
        "ExpressionAttributeNames": names,
        **(
            {"ExpressionAttributeValues": {f":{key}": attribute_of(value) for key, value in bound.items()}}
            if bound
            else {}
        ),
    }
