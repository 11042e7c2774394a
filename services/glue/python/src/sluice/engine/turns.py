"""Turns and epochs: how old a message or a lease is. The same as shared/engine/turns.ts."""

from __future__ import annotations

_TURNS_PER_EPOCH = 1_000_000
"""Far more than a chain can have invocations."""


def first_turn(epoch: int) -> int:
    """The turn of the first messages of an epoch."""
    return epoch * _TURNS_PER_EPOCH


def last_turn(epoch: int) -> int:
    """Above the turns of all messages of an epoch."""
    return first_turn(epoch + 1) - 1
