"""A worker of test/services/glue/sharedLedger.test.ts: makes requests under a limit that it shares with others.

Reads its task from standard input, and prints one line for each request: when it started, and what it consumed.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

import boto3

from sluice.capacity.ledger import DynamoDbLedger, Ledger
from sluice.capacity.limiter import CapacityLimiter
from sluice.capacity.metering import Consumption
from sluice.clock import system_clock
from sluice.errors import SluiceError

Request = dict[str, float]


def work(task: dict[str, Any]) -> list[Request]:
    client = boto3.client("dynamodb", **task["connection"])
    limiter = CapacityLimiter(Ledger(DynamoDbLedger(client, task["table"], task["key"])))
    limiter.open(deadline=system_clock.now() + task["ms"])
    made: list[Request] = []
    failed: list[Exception] = []

    def requests() -> None:
        try:
            for number in range(10**9):
                permit = limiter.acquire()
                units = task["units"][number % len(task["units"])]
                made.append({"at": system_clock.now(), "units": units})
                time.sleep(0.005)
                permit.charge(Consumption(units / 2, {"byDate": units}))
        except SluiceError as error:
            if error.code != "capacity.deadline":
                failed.append(error)

    threads = [threading.Thread(target=requests) for _ in range(task["threads"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    limiter.close()
    if failed:
        raise failed[0]
    return made


if __name__ == "__main__":
    for request in work(json.load(sys.stdin)):
        print(json.dumps(request))
