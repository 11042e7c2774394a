"""Bulk work on DynamoDB under one capacity limit that all workers share."""
