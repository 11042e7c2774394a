"""Objects of lines in S3, packed."""

from __future__ import annotations

import gzip
from collections.abc import Iterable

from sluice.results.gzip import LEVEL
from sluice.results.stored_object import ResultsStore, put_object


def put_lines(store: ResultsStore, key: str, lines: Iterable[str]) -> None:
    """Returns once the lines are durable."""
    body = b"".join([line_bytes(line) for line in lines])
    put_object(store, key, gzip.compress(body, LEVEL), "application/gzip")


def line_bytes(json: str) -> bytes:
    """A line of JSON text.

    Half a surrogate pair, which strings in JavaScript may have, is escaped, like by JSON.stringify.
    """
    return f"{json}\n".encode(errors="backslashreplace")
