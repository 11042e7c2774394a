"""Runs the Python programs of docs/glue.md as they stand, on Spark and DynamoDB Local."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pyspark.java_gateway import launch_gateway

from budgets import source_tools
from dynamodb_local import DynamoDbLocal, create_table
from folder_s3 import FolderS3
from quick_java import submit_arguments
from shared_tables import SharedTables, boto3_variables
from sluice.aws.item import Item
from sluice.sources.keys.key_parts import ListedObject, digest_of
from sluice.sources.registry import source_reader
from sluice.sources.source import UnitOfSource

pytestmark = pytest.mark.spark

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


class Spark:
    """Runs programs one after another, each in a process and a Spark context of its own, on one Java.

    Starting Java with Spark takes more time than most of the programs.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        """`variables`: of the programs' environment, and of the processes that Spark starts for them."""
        self._variables = {**variables, "PYTHONPATH": str(ROOT / "services/glue/python/src")}
        self._variables.update(dict.fromkeys(("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"), sys.executable))
        with pytest.MonkeyPatch.context() as environment:
            for name, value in {**self._variables, "PYSPARK_SUBMIT_ARGS": submit_arguments("local[2]")}.items():
                environment.setenv(name, value)
            self._java = launch_gateway()

    def run(self, program: str, tmp_path: Path) -> str:
        """Runs a program as a file of its own, and returns what it printed."""
        path = tmp_path / "program.py"
        path.write_text(program, "utf8")
        port, secret = self._java.gateway_parameters.port, self._java.gateway_parameters.auth_token
        variables = {**self._variables, "PYSPARK_GATEWAY_PORT": str(port), "PYSPARK_GATEWAY_SECRET": secret}
        try:
            outcome = subprocess.run(
                [sys.executable, path], env={**os.environ, **variables}, capture_output=True, text=True, timeout=300
            )
        finally:
            self._end_context()
        assert outcome.returncode == 0, outcome.stderr
        return outcome.stdout

    def _end_context(self) -> None:
        session = self._java.jvm.org.apache.spark.sql.SparkSession.getDefaultSession()
        if session.isDefined():
            session.get().stop()

    def stop(self) -> None:
        self._java.shutdown()
        # Java ends with its standard input.
        self._java.proc.communicate()


@pytest.fixture(scope="module")
def spark(dynamodb_local: DynamoDbLocal) -> Iterator[Spark]:
    spark = Spark(boto3_variables(dynamodb_local))
    yield spark
    spark.stop()


def items(tables: SharedTables) -> dict[str, str | None]:
    found = tables.client.scan(TableName=TABLE, ConsistentRead=True)["Items"]
    return {item["id"]["S"]: next((name for name in item if name != "id"), None) for item in found}


def test_own_code_in_spark_tasks_shares_the_limit_of_a_job(tables: SharedTables, spark: Spark, tmp_path: Path) -> None:
    [program] = programs("## Your own boto3 code under a shared limit")
    spark.run(program, tmp_path)
    assert items(tables) == dict.fromkeys("abc", "tier")
    ledger = tables.ledger_item(JOB, "write")
    assert ledger.reservations > 0
    assert ledger.cost_count > 0


def test_own_code_reads_and_writes_at_a_percentage(tables: SharedTables, spark: Spark, tmp_path: Path) -> None:
    for number in range(50):
        tables.client.put_item(TableName=TABLE, Item={"id": {"S": str(number)}})
    [program] = programs("### A limit without a job")
    spark.run(program, tmp_path)
    assert items(tables) == {str(number): "checked" for number in range(50)}
    ledgers = tables.client.scan(TableName=JOBS, FilterExpression="attribute_exists(reservations)")["Items"]
    limits = {item["sk"]["S"]: item["limits"]["M"]["table"]["N"] for item in ledgers if "group/" in item["pk"]["S"]}
    # DynamoDB Local reports no warm throughput, so this is half of the throughput of a new on-demand table.
    assert limits == {f"read#{TABLE}": "6000", f"write#{TABLE}": "2000"}
    assert all(int(item["reservations"]["N"]) > 0 for item in ledgers if "group/" in item["pk"]["S"])


def test_own_code_lists_the_rows_that_failed(tables: SharedTables, spark: Spark, tmp_path: Path) -> None:
    tables.client.put_item(TableName=TABLE, Item={"id": {"S": "a"}})
    [program] = programs("### Many requests at a time, and a list of failures")
    printed = spark.run(program, tmp_path)
    assert printed.startswith("nobody: An error occurred (ConditionalCheckFailedException)")
    assert items(tables) == {"a": "tier"}


def run_on_files(spark: Spark, program: str, tmp_path: Path) -> tuple[str, Path]:
    """Runs a program that reads an export and Parquet files. Returns its output, and the place of its list of keys.

    The export has six orders of three customers, who are in the Parquet files.
    """
    customers, export, keys = (tmp_path / name for name in ("customers", "export", "orders-to-delete"))
    (export / "data").mkdir(parents=True)
    for file in range(2):
        lines = [{"Item": each} for each in orders()[3 * file : 3 * file + 3]]
        text = "".join(f"{json.dumps(line)}\n" for line in lines)
        (export / f"data/{file}.json.gz").write_bytes(gzip.compress(text.encode()))
    places = {
        "s3://exports-1a2b3c/AWSDynamoDB/01700000000000-1a2b3c4d": export,
        "s3://crm-1a2b3c/customers/": customers,
        "s3://lists-1a2b3c/orders-to-delete/": keys,
    }
    for place, path in places.items():
        program = program.replace(place, str(path))
    preparation = f"""
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
rows = [("1", None, "DE"), ("12345678901234567890", "2026-01-02", "FR"), ("3", "2026-02-03", "IT")]
spark.createDataFrame(rows, "customer STRING, left_on STRING, country STRING").write.parquet({str(customers)!r})
"""
    return spark.run(preparation + program, tmp_path), keys


def orders() -> list[Item]:
    """Orders of customers 1, 12345678901234567890 and 3 in turn."""
    customers = ("1", "12345678901234567890", "3")
    ids = ("a", 'é "b"', "c", "d", "e", "gone")
    items = zip(ids, 2 * customers, strict=True)
    return [{"id": {"S": id_}, "customer": {"N": customer}, "photo": {"B": "aGk="}} for id_, customer in items]


def test_spark_hands_a_join_on_as_a_list_of_keys(tables: SharedTables, spark: Spark, tmp_path: Path) -> None:
    for order in orders():
        if order["id"] != {"S": "gone"}:
            tables.client.put_item(TableName=TABLE, Item={"id": order["id"], "customer": order["customer"]})
    [program] = programs("## Sources that only Spark reads")
    _, folder = run_on_files(spark, program, tmp_path)
    s3, etags = FolderS3(tmp_path / "s3"), {}
    for file in folder.iterdir():
        etags[f"l/{file.name}"] = s3.put_object(Bucket="b", Key=f"l/{file.name}", Body=file.read_bytes())["ETag"]
    # The objects that the start of the job lists. The others are `_SUCCESS`, and checksums that only a local file
    # system has.
    listed = [ListedObject(key, etags[key].replace('"', "")) for key in sorted(etags) if key.endswith(".json")]
    keys = {"form": "folder", "prefix": "l/", "objects": len(listed), "digest": digest_of(listed)}
    spec = {"kind": "keys", "table": TABLE, "keys": [{"name": "id", "type": "S"}], "bucket": "b", "list": keys}
    tools = source_tools(s3=s3, dynamodb=tables.client)
    unit = UnitOfSource({**spec, "readItems": True, "consistentRead": True}, 0, 1, None)
    page = source_reader(spec).open(unit, tools).read(None)
    assert page.cursor is None
    assert {item["id"]["S"]: item["customer"]["N"] for item in page.items} == {
        'é "b"': "12345678901234567890",
        "c": "3",
        "e": "12345678901234567890",
    }
    assert (page.missing, page.unreadable) == ([{"id": {"S": "gone"}}], [])


def test_own_code_is_called_for_each_row_of_a_join(tables: SharedTables, spark: Spark, tmp_path: Path) -> None:
    for order in orders()[:5]:
        tables.client.put_item(TableName=TABLE, Item={"id": order["id"]})
    [program] = programs("### Other code for each row")
    printed, _ = run_on_files(spark, program, tmp_path)
    assert printed.startswith("gone: An error occurred (ConditionalCheckFailedException)")
    found = tables.client.scan(TableName=TABLE, ConsistentRead=True)["Items"]
    countries = {"a": "DE", 'é "b"': "FR", "c": "IT", "d": "DE", "e": "FR"}
    assert {item["id"]["S"]: item["country"]["S"] for item in found} == countries
    assert tables.ledger_item(JOB, "write").cost_count > 0


def test_every_python_program_of_the_documents_is_run_here() -> None:
    headings = (
        "## Sources that only Spark reads",
        "### Other code for each row",
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
