"""Options with which Java starts quickly. The local cloud uses the same ones for DynamoDB Local and Spark."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

QUICK_JAVA = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
# `npm run glue:setup` makes it.
_CLASSES = Path(sys.prefix) / "classes/spark.jsa"


def submit_arguments(master: str) -> str:
    """PYSPARK_SUBMIT_ARGS of a program that starts Spark itself. `master`: such as `local[2]`."""
    archive = (f'-XX:SharedArchiveFile="{_CLASSES}"', "-Xlog:cds*=off") if _CLASSES.exists() else ()
    java = shlex.quote(" ".join((*QUICK_JAVA, *archive)))
    return f"--master {master} --driver-java-options {java} --conf spark.ui.enabled=false pyspark-shell"
