"""Compares who a source was when its job began with who it is now: shared/sources/identity.ts and sourceCheck.ts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluice.aws.transient import Retry
from sluice.jobs.records import Job
from sluice.sources.source import SourceReader


class SourceCheck:
    """Once the source was the same, it isn't read again: one check for the units of a stretch."""

    def __init__(self, reader: SourceReader, dynamodb: Any, retry: Retry) -> None:
        self._reader = reader
        self._dynamodb = dynamodb
        self._retry = retry
        self._is_same = False

    def problem(self, job: Job) -> str | None:
        """Why the source is not the one that the job began with; None where it is.

        Raises what the source can't be identified for, where that says nothing about the source.
        """
        problem = None if self._is_same else self._problem(job)
        self._is_same = problem is None
        return problem

    def _problem(self, job: Job) -> str | None:
        try:
            now = self._retry(lambda: self._reader.identify(job.source, self._dynamodb))
        except Exception as error:
            verdict = self._reader.verdict(error, job.source)
            if verdict is None:
                raise
            return verdict
        return identity_problem(job.identity, now, job.source["table"])


def identity_problem(before: Mapping[str, Any], now: Mapping[str, Any], name: str) -> str | None:
    """The table's id decides, or the time of creation if one of them lacks the id. `name`: the table's."""
    if _is_other(before, now):
        return f"Table {name} was deleted and made anew after the job had begun."
    if before.get("index") is None or before["index"] == now.get("index"):
        return None
    if now.get("index") is None:
        return f"The index of table {name} that the job reads was dropped after the job had begun."
    return f"The index of table {name} that the job reads was made anew with other keys or another projection."


def _is_other(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    # DynamoDB Local has no ids.
    for name in ("id", "createdAt"):
        if before.get(name) is not None and now.get(name) is not None:
            return bool(before[name] != now[name])
    return False
