"""Compares who a source was when its job began with who it is now. The same as shared/sources/identity.ts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sluice.sources.source import SourceReader


def source_problem(
    reader: SourceReader,
    source: Mapping[str, Any],
    identity: Mapping[str, Any],
    dynamodb: Any,
    retry: Callable[[Callable[[], Any]], Any],
) -> str | None:
    """Why a job can't read its source any more: it is another one of the same name, or none at all.

    None: it can. Raises what the source can't be identified for, where that says nothing about the source.
    """
    try:
        now = retry(lambda: reader.identify(source, dynamodb))
    except Exception as error:
        verdict = reader.verdict(error, source)
        if verdict is None:
            raise
        return verdict
    return identity_problem(identity, now, source["table"])


def identity_problem(before: Mapping[str, Any], now: Mapping[str, Any], name: str) -> str | None:
    """Why the source is not the one that the job began with; None where it is, as far as both show.

    The table's id decides, or the time of creation if one of them lacks the id. `name`: the table's, for the sentence.
    """
    if _is_other(before, now):
        return f"Table {name} was deleted and made anew after the job had begun."
    if "index" not in before or before["index"] == now.get("index"):
        return None
    if "index" not in now:
        return f"The index of table {name} that the job reads was dropped after the job had begun."
    return f"The index of table {name} that the job reads was made anew with other keys or another projection."


def _is_other(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    for field in ("id", "createdAt"):
        if field in before and field in now:
            return bool(before[field] != now[field])
    return False
