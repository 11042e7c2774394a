"""Runs the Python programs of docs/glue.md as they stand, on Spark and DynamoDB Local."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dynamodb_local import DynamoDbLocal, create_table
from shared_tables import SharedTables

ROOT = Path(__file__).resolve().parents[4]
JOBS, JOB, TABLE = "jobs-table-1a2b3c", "orders-backfill", "orders"


def programs(heading: str) -> list[str]:
    """The Python blocks below a heading of docs/glue.md, up to the next heading."""
    text = (ROOT / "docs/glue.md").read_text("utf8")
    _, _, rest = text.partition(f"\n{heading}\n")
    section = re.split(r"\n#+ ", rest, maxsplit=1)[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


@pytest.fixture
def tables(boto3_environment: DynamoDbLocal) -> Iterator[SharedTables]:
    """The tables and the job that the programs name."""
    client = boto3_environment.client()
    create_table(client, JOBS, "pk", "sk")
    create_table(client, TABLE, "id")
    tables = SharedTables(client, JOBS, TABLE)
    tables.put_job(id=JOB, limits=[("write", TABLE)])
    yield tables
    for table in (JOBS, TABLE):
        client.delete_table(TableName=table)


def run(program: str, tmp_path: Path) -> str:
    """Runs a program as a file of its own, and returns what it printed."""
    path = tmp_path / "program.py"
    path.write_text(program, "utf8")
    spark = "--master local[2] --conf spark.ui.enabled=false pyspark-shell"
    variables = {
        "PYTHONPATH": str(ROOT / "services/glue/python/src"),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": spark,
    }
    outcome = subprocess.run(
        [sys.executable, path], env={**os.environ, **variables}, capture_output=True, text=True, timeout=300
    )
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


def items(tables: SharedTables) -> dict[str, str | None]:
    found = tables.client.scan(TableName=TABLE, ConsistentRead=True)["Items"]
    return {item["id"]["S"]: next((name for name in item if name != "id"), None) for item in found}


def test_own_code_in_spark_tasks_shares_the_limit_of_a_job(tables: SharedTables, tmp_path: Path) -> None:
    [program] = programs("## Your own boto3 code under a shared limit")
    run(program, tmp_path)
    assert items(tables) == dict.fromkeys("abc", "tier")
    ledger = tables.ledger_item(JOB, "write")
    assert ledger.reservations > 0
    assert ledger.cost_count > 0


def test_own_code_reads_and_writes_at_a_percentage(tables: SharedTables, tmp_path: Path) -> None:
    for number in range(50):
        tables.client.put_item(TableName=TABLE, Item={"id": {"S": str(number)}})
    [program] = programs("### A limit without a job")
    run(program, tmp_path)
    assert items(tables) == {str(number): "checked" for number in range(50)}
    ledgers = tables.client.scan(TableName=JOBS, FilterExpression="attribute_exists(reservations)")["Items"]
    limits = {item["sk"]["S"]: item["limits"]["M"]["table"]["N"] for item in ledgers if "group/" in item["pk"]["S"]}
    # DynamoDB Local reports no warm throughput: half of what a new on-demand table serves.
    assert limits == {f"read#{TABLE}": "6000", f"write#{TABLE}": "2000"}
    assert all(int(item["reservations"]["N"]) > 0 for item in ledgers if "group/" in item["pk"]["S"])


def test_own_code_lists_the_rows_that_failed(tables: SharedTables, tmp_path: Path) -> None:
    tables.client.put_item(TableName=TABLE, Item={"id": {"S": "a"}})
    [program] = programs("### Many requests at a time, and a list of failures")
    printed = run(program, tmp_path)
    assert printed.startswith("nobody: An error occurred (ConditionalCheckFailedException)")
    assert items(tables) == {"a": "tier"}


def test_every_python_program_of_the_documents_is_run_here() -> None:
    headings = (
        "## Your own boto3 code under a shared limit",
        "### A limit without a job",
        "### Many requests at a time, and a list of failures",
    )
    all_of_them = [
        block
        for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
        for block in re.findall(r"^```python$", path.read_text("utf8"), re.MULTILINE)
    ]
    assert len(all_of_them) == sum(len(programs(heading)) for heading in headings)
