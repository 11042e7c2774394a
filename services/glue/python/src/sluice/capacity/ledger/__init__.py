"""The record from which all workers of a job reserve capacity under one limit."""

from sluice.capacity.ledger.dynamodb_ledger import DynamoDbLedger
from sluice.capacity.ledger.ledger import Ledger

__all__ = ["DynamoDbLedger", "Ledger"]
