"""Measures UpdateItem by a plain boto3 client and by one under a limit. Prints JSON; see benchmark.ts."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import boto3

from sluice import Limit

PLENTY = 40_000
"""As many write units per second as an on-demand table may allow: no call ever waits."""
BLOCK = 20
"""Calls in a row by one client. Two such blocks take 30 ms, so other load slows both alike."""
ARGUMENTS = {
    "UpdateExpression": "SET #tier = :tier",
    "ConditionExpression": "attribute_exists(#id)",
    "ExpressionAttributeNames": {"#tier": "tier", "#id": "id"},
    "ExpressionAttributeValues": {":tier": {"S": "gold"}},
}


def main(stub: str, table: str, jobs_table: str, pairs: int, stretches: int, calls: int) -> dict[str, Any]:
    plain = boto3.client("dynamodb", endpoint_url=stub)
    with Limit.create(table, write=PLENTY, jobs_table=jobs_table) as limit:
        limited = limit.client("dynamodb", endpoint_url=stub)
        for client in (plain, limited):
            make(client, table, calls)
        return {
            "pairs": [
                {"plain": own_micros(plain, table, BLOCK), "limited": own_micros(limited, table, BLOCK)}
                for _ in range(pairs)
            ],
            "visits": [other_micros(limited, table, calls) for _ in range(stretches)],
        }


def own_micros(client: Any, table: str, calls: int) -> float:
    """CPU time of one call in the thread that makes it, averaged over some calls in a row."""
    start = time.thread_time()
    make(client, table, calls)
    return (time.thread_time() - start) / calls * 1e6


def other_micros(client: Any, table: str, calls: int) -> float:
    """CPU time of all other threads of this process, per call: they visit the ledger."""
    start = time.process_time() - time.thread_time()
    make(client, table, calls)
    return (time.process_time() - time.thread_time() - start) / calls * 1e6


def make(client: Any, table: str, calls: int) -> None:
    for number in range(calls):
        client.update_item(TableName=table, Key={"id": {"S": str(number)}}, **ARGUMENTS)


print(json.dumps(main(*sys.argv[1:4], *map(int, sys.argv[4:]))))
