"""The error of a batch that DynamoDB processed only in part."""

from __future__ import annotations

from botocore.exceptions import ClientError


def unprocessed(operation: str, count: int, what: str) -> ClientError:
    """DynamoDB reports success even if it throttled a part, or if a BatchGetItem answer exceeds 16 MB.

    The error counts as throttling, so that a retry sends what is left. `what`: `items` or `keys`.
    """
    message = f"DynamoDB left {count} {what} of a batch unprocessed."
    return ClientError({"Error": {"Code": "ProvisionedThroughputExceededException", "Message": message}}, operation)
