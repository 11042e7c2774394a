"""Runs one worker in a separate process, for tests that kill it.

Its argument is JSON: the keyword arguments of `work_on_job`, `begun_for` as a list. It prints a JSON line for each
unit that ends, and then the outcome or the error.
"""

from __future__ import annotations

import json
import sys

from sluice.engine.worker import work_on_job
from sluice.errors import SluiceError
from sluice.jobs.records import JobEpoch


def _print(**fields: object) -> None:
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    arguments = json.loads(sys.argv[1])
    if "begun_for" in arguments:
        arguments["begun_for"] = JobEpoch(*arguments["begun_for"])
    try:
        _print(
            outcome=work_on_job(
                **arguments,
                on_unit=lambda unit, end: _print(unit=unit, end=end.end, reason=end.reason),
                on_trouble=lambda what, error: _print(trouble=what, why=str(error)),
            )
        )
    except SluiceError as error:
        _print(error=error.code, message=error.message)
