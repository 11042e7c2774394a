"""Reads the responses of Scan and BatchGetItem without boto3's walk over every attribute by its schema.

DynamoDB's JSON already has boto3's form of an item, except binary values, which come as base64. The walk takes six
times as much CPU as everything else in reading a page. The same as shared/sources/table/scanResponses.ts.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sluice.aws.dynamo_json import from_json_value

OPERATIONS = ("Scan", "BatchGetItem")
BINARY = re.compile(rb'"BS?"\s*:')
"""How a binary value looks in a response. An attribute with such a name looks the same, but then there is nothing to
decode."""


def read_fast(dynamodb: Any) -> None:
    """Makes a client read these successful responses this way, and everything else as usual.

    A boto3 without the event (1.35.10 and before) reads all responses as usual.
    """
    for operation in OPERATIONS:
        event = f"before-parse.dynamodb.{operation}"
        dynamodb.meta.events.register(event, _parse, unique_id=f"sluice-read-{operation}")


def _parse(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Takes the body away, so that boto3 finds an empty one, and adds the parsed answer to boto3's."""
    if response_dict["status_code"] != 200:
        return
    body = response_dict["body"]
    with _without_collector():
        output = json.loads(body)
    customized_response_dict.update(from_json_value(output) if BINARY.search(body) else output)
    response_dict["body"] = b"{}"


@contextmanager
def _without_collector() -> Iterator[None]:
    """A page is thousands of new objects, none of them garbage.

    Python's garbage collector would check them many times, and now and then all of boto3's models. That takes longer
    than the parsing itself. If two threads parse at once, the first one to end switches the collector on for both.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
