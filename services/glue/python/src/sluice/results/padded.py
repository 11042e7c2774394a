from __future__ import annotations


def padded(number: int) -> str:
    """The number of a unit or object as text for keys: 7 digits, so that keys sort by it."""
    return f"{number:07}"
