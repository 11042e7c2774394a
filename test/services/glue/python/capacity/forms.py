"""The content of golden files, in this package's types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from sluice.capacity.ledger.item import CostTotals, LedgerChange, LedgerItem, MemberPause, Requirements
from sluice.capacity.metering import CapacityLimits, Consumption

T = TypeVar("T")


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)


def consumption_from(form: Mapping[str, Any]) -> Consumption:
    return Consumption(**form)


def limits_from(form: Mapping[str, Any]) -> CapacityLimits:
    return CapacityLimits(**form)


def item_from(form: Mapping[str, Any]) -> LedgerItem:
    item = _from(LedgerItem, {**form, "limits": limits_from(form["limits"])})
    return LedgerItem(**{**vars(item), "paused_members": tuple(item.paused_members)})


def costs_from(form: Mapping[str, Any]) -> CostTotals:
    return _from(CostTotals, form)


def change_from(form: Mapping[str, Any]) -> LedgerChange:
    return LedgerChange(
        require=_from(Requirements, form.get("require", {})),
        set={
            snake(name): limits_from(value) if name == "limits" else value
            for name, value in form.get("set", {}).items()
        },
        add={snake(name): amount for name, amount in form.get("add", {}).items()},
        member=MemberPause(**form["member"]) if "member" in form else None,
    )


def snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)


def _from(kind: type[T], form: Mapping[str, Any]) -> T:
    return kind(**{each.name: form[camel(each.name)] for each in fields(kind) if camel(each.name) in form})  # type: ignore[arg-type]
