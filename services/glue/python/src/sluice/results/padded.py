from __future__ import annotations


def padded(number: int) -> str:
    """A number of a unit or object as it stands in keys, with 7 digits: keys sort by it."""
    return f"{number:07}"
