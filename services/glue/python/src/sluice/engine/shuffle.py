"""The order in which a job's units are handed out.

The same as shared/drivers/shuffle.ts: both sides claim places in it.
"""

from __future__ import annotations

from collections.abc import Callable

_BITS = 0xFFFFFFFF


def shuffled_units(count: int, seed: str) -> list[int]:
    """The units from 0 to `count` - 1 in a random order that depends only on the seed (Fisher and Yates).

    `seed`: a job's id, which has only ASCII characters.
    """
    random = _seeded(seed)
    units = list(range(count))
    for last in range(count - 1, 0, -1):
        chosen = int(random() * (last + 1))
        units[last], units[chosen] = units[chosen], units[last]
    return units


def _seeded(seed: str) -> Callable[[], float]:
    """Uniform numbers in [0, 1): mulberry32, seeded by the text's FNV-1a hash."""
    state = 0x811C9DC5
    for character in seed:
        state = ((state ^ ord(character)) * 0x01000193) & _BITS

    def random() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & _BITS
        mixed = ((state ^ (state >> 15)) * (1 | state)) & _BITS
        mixed = ((mixed + (((mixed ^ (mixed >> 7)) * (61 | mixed)) & _BITS)) & _BITS) ^ mixed
        return (mixed ^ (mixed >> 14)) / 4_294_967_296

    return random
