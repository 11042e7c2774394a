from __future__ import annotations

import pytest

from sluice.aws.objects.kept import Kept


class Client:
    pass


def test_the_newest_few_are_kept_for_each_client() -> None:
    kept = Kept[str](2)
    one, other = Client(), Client()
    reads: list[str] = []

    def get(client: Client, name: str) -> str:
        return kept.get(client, name, lambda: reads.append(name) or name)  # type: ignore[func-returns-value]

    assert [get(one, name) for name in "abacab"] == list("abacab")
    assert reads == ["a", "b", "c", "b"]
    get(other, "b")
    assert reads[4:] == ["b"]


def test_a_read_that_fails_is_not_kept() -> None:
    kept = Kept[str](2)
    client = Client()

    def fail() -> str:
        raise OSError("once")

    with pytest.raises(OSError, match="once"):
        kept.get(client, "a", fail)
    assert kept.get(client, "a", lambda: "read") == "read"
