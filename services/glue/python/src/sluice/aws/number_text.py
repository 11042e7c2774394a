"""Whether DynamoDB accepts a text as a number: `isNumberText` of shared/aws/decimal.ts."""

from __future__ import annotations

import re

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?")
MOST_DIGITS = 38
LEAST_POWER, MOST_POWER = -130, 125
"""Magnitudes go from 1e-130 to 9.99…e125."""


def is_number_text(text: str) -> bool:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html"""
    found = NUMBER.fullmatch(text)
    if found is None:
        return False
    mantissa, exponent = found.groups()
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # The power of ten of the first digit. An exponent of more digits than Python reads is out of range in any case.
    power = len(digits) - 1 - len(fraction) + int((exponent or "0")[:1_000])
    return digits == "" or (len(digits.rstrip("0")) <= MOST_DIGITS and LEAST_POWER <= power <= MOST_POWER)
