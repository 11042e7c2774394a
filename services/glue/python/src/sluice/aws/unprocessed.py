"""The error of a batch that DynamoDB did only in part."""

from __future__ import annotations

from botocore.exceptions import ClientError


def unprocessed(operation: str, count: int, what: str) -> ClientError:
    """DynamoDB answers with success where a part is throttled, or beyond the 16 MB of a BatchGetItem answer.

    The error counts as throttling, so that a retry sends what is left. `what`: `items` or `keys`.
    """
    message = f"DynamoDB left {count} {what} of a batch unprocessed."
    return ClientError({"Error": {"Code": "ProvisionedThroughputExceededException", "Message": message}}, operation)
