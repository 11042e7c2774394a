"""The arguments of a run on Spark."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sluice.errors import SluiceError

_NEEDED = ("job_id", "jobs_table", "region", "results_bucket", "unit_queue_url")
_DEFAULTS = {"concurrency": "16", "stretch_seconds": "60"}


@dataclass(frozen=True)
class RunArguments:
    job_id: str
    jobs_table: str
    region: str
    results_bucket: str
    unit_queue_url: str
    """URL of the queue of the workers that only read."""
    writing_queue_url: str | None
    """URL of the queue of those that change tables. None: the stack has none."""
    concurrency: int
    """Requests at once per task."""
    stretch_seconds: int
    """How long a task works before it renews its leases."""
    python_operations: Mapping[str, str]
    """`module:function` of the Python twins of users' operations, by the operation's name; JSON text."""


def run_arguments(argv: Sequence[str]) -> RunArguments:
    """Reads `--name value` and `--name=value`. Glue adds its own arguments, which are ignored.

    Raises SluiceError BAD_ARGUMENTS with a sentence that names all that are missing or wrong.
    """
    given = _given(argv)
    problems = [f"--{name} is missing" for name in _NEEDED if not given.get(name)]
    for name in ("concurrency", "stretch_seconds"):
        text = given.setdefault(name, _DEFAULTS[name])
        if not text.isdecimal() or int(text) < 1:
            problems.append(f'--{name} must be a whole number from 1 on, it is "{text}"')
    twins = _twins(given.get("python_operations", "{}"))
    if twins is None:
        problems.append('--python_operations must be JSON such as {"myOperation": "my_module:my_function"}')
    if problems:
        raise SluiceError("BAD_ARGUMENTS", f"The run's arguments are wrong: {'; '.join(problems)}.")
    return RunArguments(
        **{name: given[name] for name in _NEEDED},
        writing_queue_url=given.get("writing_queue_url"),
        concurrency=int(given["concurrency"]),
        stretch_seconds=int(given["stretch_seconds"]),
        python_operations=twins or {},
    )


def _given(argv: Sequence[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for index, argument in enumerate(argv):
        if not argument.startswith("--"):
            continue
        name, equals, value = argument[2:].partition("=")
        if equals:
            given[name] = value
        elif index + 1 < len(argv) and not argv[index + 1].startswith("--"):
            given[name] = argv[index + 1]
    return given


def _twins(text: str) -> Mapping[str, str] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        return None
    return found
