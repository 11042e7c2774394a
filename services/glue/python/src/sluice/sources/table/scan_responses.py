"""Reads the responses of Scan without boto3's walk over every attribute by its schema.

DynamoDB's JSON is boto3's own form of an item already, but for binary values, which come as base64. The same as
shared/sources/table/scanResponses.ts.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sluice.aws.dynamo_json import from_json_value

EVENT = "before-parse.dynamodb.Scan"
BINARY = re.compile(rb'"BS?"\s*:')
"""As binary values look in a response. An attribute of this name looks the same; then there is nothing to decode."""


def read_scans_fast(dynamodb: Any) -> None:
    """Makes a client read Scan's successful responses this way; everything else it reads as ever.

    boto3 before 1.34.137 doesn't emit the event. There it reads all responses as ever.
    """
    dynamodb.meta.events.register(EVENT, _parse, unique_id="sluice-scan-responses")


def _parse(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Takes the body over: boto3 finds an empty one, and adds what is here to its answer."""
    if response_dict["status_code"] != 200:
        return
    body = response_dict["body"]
    output = json.loads(body)
    if BINARY.search(body):
        if "Items" in output:
            output["Items"] = [from_json_value(item) for item in output["Items"]]
        if "LastEvaluatedKey" in output:
            output["LastEvaluatedKey"] = from_json_value(output["LastEvaluatedKey"])
    customized_response_dict.update(output)
    response_dict["body"] = b"{}"
