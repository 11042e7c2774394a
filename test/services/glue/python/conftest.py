"""Fixtures of all tests."""

pytest_plugins = ["dynamodb_local", "shared_tables"]
