"""Measures UpdateItem by a plain boto3 client and by one under a limit. Prints the rounds as JSON; see benchmark.ts."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import boto3

from sluice import Limit

PLENTY = 40_000
"""As many write units per second as an on-demand table may allow: no call ever waits."""
ARGUMENTS = {
    "UpdateExpression": "SET #tier = :tier",
    "ConditionExpression": "attribute_exists(#id)",
    "ExpressionAttributeNames": {"#tier": "tier", "#id": "id"},
    "ExpressionAttributeValues": {":tier": {"S": "gold"}},
}


def main(stub: str, table: str, jobs_table: str, rounds: int, calls: int) -> list[dict[str, float]]:
    plain = boto3.client("dynamodb", endpoint_url=stub)
    with Limit.create(table, write=PLENTY, jobs_table=jobs_table) as limit:
        limited = limit.client("dynamodb", endpoint_url=stub)
        for client in (plain, limited):
            cpu_micros(client, table, calls)
        return [
            {"plain": cpu_micros(plain, table, calls), "limited": cpu_micros(limited, table, calls)}
            for _ in range(rounds)
        ]


def cpu_micros(client: Any, table: str, calls: int) -> float:
    """CPU time of one call, of all threads of this process, averaged."""
    start = time.process_time()
    for number in range(calls):
        client.update_item(TableName=table, Key={"id": {"S": str(number)}}, **ARGUMENTS)
    return (time.process_time() - start) / calls * 1e6


print(json.dumps(main(*sys.argv[1:4], *map(int, sys.argv[4:]))))
