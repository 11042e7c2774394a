"""Updates declared in JSON. The same as shared/writing/update/declared.ts and itemUpdate.ts.

{
  "set": { "GSISK": "${Status}#${Timestamp}", "NewAttribute": { "S": "NewAttributeValue" } },
  "remove": ["Old"],
  "onlyIf": "attribute_not_exists(GSISK)"
}

item ─► as wanted?     ─► already
   └──► onlyIf false?  ─► skipped
   └──► attribute of a template missing? ─► skipped, or failed
   └──► more than DynamoDB takes?        ─► failed
   └──► change
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluice.aws.decimals import add_numbers
from sluice.aws.dynamo_json import from_json_value
from sluice.aws.item import AttributeValue, Item
from sluice.expressions.condition import only_if
from sluice.expressions.path import Path
from sluice.expressions.same_value import same_value
from sluice.expressions.template import Template
from sluice.tables.schema import TableSchema
from sluice.writing.conditional_write import ALREADY, SKIPPED, Count, Failure, Update
from sluice.writing.update.bounds import key_rules, out_of_bounds

_MISSING = "ATTRIBUTE_MISSING"


class DeclaredUpdate:
    """Pure: the same item gets the same verdict.

    So a page that is repeated after a crash meets its own writes and counts them as `already`.
    """

    def __init__(self, given: Mapping[str, Any], schema: TableSchema | None, marker_value: str) -> None:
        """`given`: a declaration that the start function has validated.

        `schema`: of the table; None: not known, so that only DynamoDB checks values of index keys. `marker_value`: the
        value of the marker attribute, such as the job's id.
        """
        names: Mapping[str, str] = given.get("names", {})

        def named(text: str) -> str:
            return names.get(text, text) if text.startswith("#") else text

        entries = [(named(text), value) for text, value in given.get("set", {}).items()]
        self._templates = [(name, Template(value, names)) for name, value in entries if isinstance(value, str)]
        self._constants = [(name, from_json_value(value)) for name, value in entries if not isinstance(value, str)]
        self._numbers = [(named(text), value["N"]) for text, value in given.get("add", {}).items()]
        self._remove = [named(text) for text in given.get("remove", ())]
        marker = given.get("marker")
        self._marker = {} if marker is None else {named(marker): {"S": marker_value}}
        self._condition = only_if(given)
        self._skips_missing = given.get("missing") != "fail"
        self._rules = {} if schema is None else key_rules(schema)
        self.paths = self._paths()
        """All paths that a verdict depends on, each once.

        Targets are included: their present values decide whether the item needs the change, and newer values must not
        be overwritten.
        """

    def verdict(self, item: Item) -> Update | Count | Failure:
        """The update of an item: attributes that get a new value, and those that are removed."""
        for name, value in self._marker.items():
            if same_value(item.get(name), value):
                return ALREADY
        changes, failed = self._draft(item)
        remove = [name for name in self._remove if name in item]
        if failed is None and not remove and not changes:
            return ALREADY
        if self._condition is not None and not self._condition.holds(item):
            return SKIPPED
        if failed is not None:
            return SKIPPED if self._skips_missing and failed.code == _MISSING else failed
        update = Update(changes, remove)
        return out_of_bounds(item, update, self._rules) or update

    def _draft(self, item: Item) -> tuple[dict[str, AttributeValue], Failure | None]:
        """The part that the item doesn't have yet, and why it can't be made."""
        changes: dict[str, AttributeValue] = {}
        failed: Failure | None = None
        for name, template in self._templates:
            text = template.filled(item)
            if text is None:
                failed = failed or Failure(_MISSING, f"set.{name} needs {template.missing_in(item)}.")
            elif item.get(name) != {"S": text}:
                changes[name] = {"S": text}
        for name, value in self._constants:
            if not same_value(item.get(name), value):
                changes[name] = value
        for name, number in self._numbers:
            total = _added(name, item.get(name), number)
            if isinstance(total, Failure):
                failed = failed or total
            else:
                changes[name] = total
        changes.update(self._marker)
        return changes, failed

    def _paths(self) -> list[Path]:
        paths: list[Path] = [path for _, template in self._templates for path in template.paths]
        paths += [(name,) for name, _ in [*self._templates, *self._constants, *self._numbers]]
        paths += [(name,) for name in [*self._remove, *self._marker]]
        return list(dict.fromkeys([*paths, *(self._condition.paths if self._condition else ())]))


def _added(name: str, value: AttributeValue | None, number: str) -> AttributeValue | Failure:
    if value is not None and "N" not in value:
        return Failure("NOT_A_NUMBER", f"add.{name} needs a number, but the item has something else there.")
    before = "0" if value is None else value["N"]
    total = add_numbers(before, number)
    if total is not None:
        return {"N": total}
    return Failure("NUMBER_OUT_OF_RANGE", f"{before} + {number} has more digits than DynamoDB keeps in add.{name}.")
