"""Verdicts in golden files, as test/golden/verdicts.ts writes them."""

from __future__ import annotations

from typing import Any

from sluice.aws.dynamo_json import to_json_value
from sluice.writing.conditional_write import Change, Count, Delete, Failure, Put, Verdict


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    if isinstance(verdict, Count):
        return {"do": "count", "outcome": verdict.outcome}
    if isinstance(verdict, Failure):
        return {"do": "fail", "code": verdict.code, "reason": verdict.reason}
    key, change, seen = verdict.write
    seen_json = [[list(path), to_json_value(value)] for path, value in seen]
    return {"do": "write", "key": to_json_value(key), "change": _change_json(change), "seen": seen_json}


def _change_json(change: Change) -> dict[str, Any]:
    if isinstance(change, Put):
        return {"put": to_json_value(change.item)}
    if isinstance(change, Delete):
        return {"deletes": to_json_value(change.before)}
    return {"set": to_json_value(change.set), "remove": list(change.remove)}
