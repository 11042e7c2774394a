"""Which segment of a table a unit reads. The part of shared/sources/table/segments.ts that workers need. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

MOST_SEGMENTS = 100_000
"""Most segments of a job."""


def segments_of_sample(units: int, share: float) -> int:
    """Into how many segments the table is divided for a sample with this many segments."""
    return max(units, min(MOST_SEGMENTS, math.floor(units / share + 0.5)))


def segment_of(unit: int, units: int, sample: Mapping[str, Any] | None) -> dict[str, int]:
    """The segment of a unit, in Scan's form. The segments of a sample are spread evenly over all segments."""
    if sample is None:
        return {"Segment": unit, "TotalSegments": units}
    every = segments_of_sample(units, float(sample["share"]))
    return {"Segment": math.floor((unit + _fraction(sample["seed"])) * every / units), "TotalSegments": every}


def _fraction(text: str) -> float:
    """A number in [0, 1) that depends only on the text."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:6], "big") / 2**48
