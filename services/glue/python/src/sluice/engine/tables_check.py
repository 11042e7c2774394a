"""Compares the tables of a job with what they were when it began.

The same as shared/engine/tablesCheck.ts, shared/sources/identity.ts and shared/tables/{identity,targetProblem}.ts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluice.aws.client_error import code_of, message_of
from sluice.aws.transient import Retry
from sluice.jobs.records import Job
from sluice.sources.source import SourceReader
from sluice.tables.identity import identify_table

_TARGET_GONE = {"ResourceNotFoundException": "no longer exists", "AccessDeniedException": "may not be changed"}
"""Errors of DynamoDB after which the table that a job changes can't be changed."""


class TablesCheck:
    """Once it has found the tables unchanged, it doesn't describe them again, so one check serves the units of a
    stretch."""

    def __init__(self, reader: SourceReader, dynamodb: Any, retry: Retry) -> None:
        self._reader = reader
        self._dynamodb = dynamodb
        self._retry = retry
        self._are_same = False

    def problem(self, job: Job) -> str | None:
        """Why the tables are not those that the job began with; None if they are.

        Raises an error that prevents the description but shows nothing about the table, such as a time-out.
        """
        problem = None if self._are_same else self._source_problem(job) or self._target_problem(job)
        self._are_same = problem is None
        return problem

    def _source_problem(self, job: Job) -> str | None:
        try:
            now = self._retry(lambda: self._reader.identify(job.source, self._dynamodb))
        except Exception as error:
            verdict = self._reader.verdict(error, job.source)
            if verdict is None:
                raise
            return verdict
        return identity_problem(job.identity, now, job.source["table"])

    def _target_problem(self, job: Job) -> str | None:
        """Also None if the job changes the table that it reads."""
        if job.target is None or job.target_identity is None:
            return None
        name = job.target["name"]
        try:
            now = self._retry(lambda: identify_table(self._dynamodb, name))
        except Exception as error:
            verdict = target_verdict(error, job.target)
            if verdict is None:
                raise
            return verdict
        return identity_problem(job.target_identity, now, name)


def target_verdict(error: BaseException, target: Mapping[str, Any]) -> str | None:
    """Why no unit of a job can change the table any more, if the error means that."""
    code = code_of(error)
    return f"Table {target['name']} {_TARGET_GONE[code]}: {message_of(error)}" if code in _TARGET_GONE else None


def identity_problem(before: Mapping[str, Any], now: Mapping[str, Any], name: str) -> str | None:
    """Why a table, or an index, is not the one that the job began with; None if no difference shows.

    The table's id decides, or the time of creation if one of them lacks the id. `name`: the table's.
    """
    if _is_other(before, now):
        return f"Table {name} was deleted and recreated after the job began."
    if before.get("index") is None or before["index"] == now.get("index"):
        return None
    if now.get("index") is None:
        return f"The index of table {name} that the job reads was dropped after the job began."
    return f"The index of table {name} that the job reads was recreated with other keys or another projection."


def _is_other(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    # DynamoDB Local has no ids.
    for name in ("id", "createdAt"):
        if before.get(name) is not None and now.get(name) is not None:
            return bool(before[name] != now[name])
    return False
