"""The usual way to hold a rate on Spark: each task has a token bucket with its share of the rate.

Arguments: --table, --rate (capacity units per second of all tasks), --tasks, --round.
"""

import sys
import time
from collections.abc import Iterable

import boto3
from pyspark import SparkContext

ARGUMENTS = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
TABLE, ROUND = ARGUMENTS["--table"], ARGUMENTS["--round"]
RATE, TASKS = float(ARGUMENTS["--rate"]), int(ARGUMENTS["--tasks"])


class TokenBucket:
    """Fills with `rate` tokens a second, up to those of one second, and begins full."""

    def __init__(self, rate: float) -> None:
        self._rate = self._tokens = rate
        self._last = time.monotonic()

    def consume(self, tokens: float) -> None:
        while True:
            now = time.monotonic()
            self._tokens = min(self._rate, self._tokens + (now - self._last) * self._rate)
            self._last = now
            if self._tokens >= tokens:
                self._tokens -= tokens
                return
            time.sleep((tokens - self._tokens) / self._rate)


def update_segment(segments: Iterable[int]) -> None:
    bucket = TokenBucket(RATE / TASKS)
    dynamodb = boto3.resource("dynamodb")
    table = dynamodb.Table(TABLE)
    pages = dynamodb.meta.client.get_paginator("scan")
    for segment in segments:
        for page in pages.paginate(TableName=TABLE, Segment=segment, TotalSegments=TASKS):
            for item in page["Items"]:
                bucket.consume(1)
                table.update_item(
                    Key={"id": item["id"]},
                    UpdateExpression="SET tag = :tag, written = :round",
                    ExpressionAttributeValues={":tag": item[f"tag{ROUND}"], ":round": ROUND},
                )


SparkContext.getOrCreate().parallelize(range(TASKS), TASKS).foreachPartition(update_segment)
