"""A user's own boto3 code on Spark: all tasks share one limit group, and each updates single items in its threads.

Prints when the first task ended, milliseconds since the epoch.

Arguments: --table, --jobs-table, --group, --rate (write units per second of the group), --tasks, --threads, --round,
--first-part (items of lower parts are left to others).
"""

import sys
import time
from collections.abc import Iterable, Iterator

import boto3
from pyspark import SparkContext

from sluice import Limit

ARGUMENTS = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
TABLE, ROUND, FIRST_PART = ARGUMENTS["--table"], ARGUMENTS["--round"], ARGUMENTS["--first-part"]
TASKS, THREADS = int(ARGUMENTS["--tasks"]), int(ARGUMENTS["--threads"])

Item = dict[str, dict[str, str]]

limit = Limit.create(
    TABLE, write=float(ARGUMENTS["--rate"]), name=ARGUMENTS["--group"], jobs_table=ARGUMENTS["--jobs-table"]
)
dynamodb = limit.client("dynamodb")


def update(item: Item) -> None:
    dynamodb.update_item(
        TableName=TABLE,
        Key={"id": item["id"]},
        UpdateExpression="SET tag = :tag, written = :round",
        ExpressionAttributeValues={":tag": item[f"tag{ROUND}"], ":round": {"S": ROUND}},
    )


def items_of(segment: int) -> Iterator[Item]:
    pages = (
        boto3.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=TABLE,
            Segment=segment,
            TotalSegments=TASKS,
            FilterExpression="part >= :first",
            ExpressionAttributeValues={":first": {"N": FIRST_PART}},
        )
    )
    for page in pages:
        yield from page["Items"]


def update_segments(segments: Iterable[int]) -> Iterator[float]:
    for segment in segments:
        result = limit.for_each(items_of(segment), update, concurrency=THREADS)
        if result.failures:
            raise RuntimeError(f"some items were not updated: {result.failures[:3]}")
        yield 1_000 * time.time()


ends = SparkContext.getOrCreate().parallelize(range(TASKS), TASKS).mapPartitions(update_segments).collect()
print(min(ends))
