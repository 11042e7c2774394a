"""Bulk work on DynamoDB under one capacity limit that all workers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sluice.limit import Limit

__all__ = ["Limit"]


def __getattr__(name: str) -> Any:
    # Importing a part of the package doesn't import boto3.
    if name == "Limit":
        from sluice.limit import Limit

        return Limit
    raise AttributeError(f"module 'sluice' has no attribute {name!r}")
