"""Updates items in one way for some seconds, in a process of its own, and prints what that took as JSON.

    update.py usual|task STUB_ENDPOINT JOBS_ENDPOINT JOB WARM_UP_SECONDS SECONDS

The stub has the table of items and never ends a scan. DynamoDB Local has the jobs table.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import boto3

from sluice.aws.clients import Clients
from sluice.engine import worker
from sluice.operations.operation import Page, Tools
from sluice.operations.update import Update

TABLE, JOBS = "orders", "jobs"
AT_ONCE = 16


class Marks:
    """A moment, the items that were updated until then, and the CPU that they took."""

    def __init__(self) -> None:
        self._items = 0
        self._marks = [(time.monotonic(), time.process_time(), 0)]

    def add(self, items: int) -> None:
        self._items += items
        self._marks.append((time.monotonic(), time.process_time(), self._items))

    def measured(self, begin: float, end: float) -> dict[str, float]:
        """From the first mark to the last one between two moments of `time.monotonic`."""
        within = [mark for mark in self._marks if begin <= mark[0] <= end]
        if len(within) < 2:
            raise RuntimeError(f"fewer than two pages or items were done within {end - begin:.0f} s")
        took, cpu, items = (last - first for first, last in zip(within[0], within[-1], strict=True))
        return {"itemsPerSecond": items / took, "cpuPerItem": 1e6 * cpu / items}


def usual(marks: Marks, stub: Mapping[str, Any], jobs: Mapping[str, Any], job: str) -> None:
    """The usual loop: the items of a scan, and an `update_item` for each, one after the other."""
    table = boto3.resource("dynamodb", **stub).Table(TABLE)
    while True:
        for item in table.scan()["Items"]:
            table.update_item(
                Key={"id": item["id"]},
                UpdateExpression="SET GSISK = :gsisk, NewAttribute = :new",
                ExpressionAttributeValues={
                    ":gsisk": f"{item['status']}#{item['placedAt']}",
                    ":new": "NewAttributeValue",
                },
            )
            marks.add(1)


def task(marks: Marks, stub: Mapping[str, Any], jobs: Mapping[str, Any], job: str) -> None:
    """A task of Spark, whole: with claims, leases, checkpoints and ledgers."""

    class CountedUpdate(Update):
        def page(self, page: Page, so_far: Any, tools: Tools) -> Any:
            result = super().page(page, so_far, tools)
            marks.add(len(page.items))
            return result

    # A worker's second client of DynamoDB is the one with limits.
    endpoints = iter([jobs, stub])

    class ClientsOfBoth(Clients):
        def of(self, service: str) -> Any:
            where = next(endpoints) if service == "dynamodb" else stub
            return self._session.client(service, config=self._config, **where)  # type: ignore[call-overload]

    worker.Clients = ClientsOfBoth  # type: ignore[misc]
    worker.operation_of = lambda name: CountedUpdate()
    queues = {"unit_queue_url": "http://127.0.0.1/units", "writing_queue_url": "http://127.0.0.1/units"}
    worker.work_on_job(
        job, jobs_table=JOBS, results_bucket="results", region="us-east-1", concurrency=AT_ONCE, **queues
    )


def connection(endpoint: str) -> dict[str, str]:
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return {"endpoint_url": endpoint, "region_name": "us-east-1", **credentials}


def main(way: str, stub: str, jobs: str, job: str, warm_up_seconds: str, seconds: str) -> None:
    marks = Marks()
    work = {"usual": usual, "task": task}[way]
    thread = threading.Thread(target=work, args=(marks, connection(stub), connection(jobs), job), daemon=True)
    thread.start()
    begin = time.monotonic() + float(warm_up_seconds)
    end = begin + float(seconds)
    thread.join(end - time.monotonic())
    print(json.dumps(marks.measured(begin, end)), flush=True)
    os._exit(0)


main(*sys.argv[1:])
