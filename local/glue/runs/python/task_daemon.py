"""
Spark's daemon of Python workers. What tasks print goes straight to a file in the executor's folder, a line at a time.

Spark itself passes it on through two Java processes, and loses what is still on its way when the run ends.
"""

import os
import sys
from io import TextIOWrapper
from typing import Any, cast

from pyspark import daemon

# The local cloud follows files of this name.
TASK_LOG = "tasks.log"

run_tasks = daemon.worker


def worker(*args: Any) -> int:
    """What the daemon calls in each worker, which is a fork of it."""
    output = os.open(TASK_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())
        cast(TextIOWrapper, stream).reconfigure(line_buffering=True, write_through=False)
    os.close(output)
    return cast(int, run_tasks(*args))


daemon.worker = worker
daemon.manager()
