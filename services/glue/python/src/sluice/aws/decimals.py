"""DynamoDB's numbers: decimal text of up to 38 significant digits, which floats can't hold. All functions are exact.

See shared/aws/decimal.ts. For comparing numbers, `Decimal(text)` itself is exact.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

from decimal import Context, Decimal

_MOST_DIGITS = 38
_LEAST_POWER, _MOST_POWER = -130, 125
"""Magnitudes go from 1e-130 to 9.99…e125."""
_EXACT = Context(prec=512)
"""More digits than from the first digit of the largest number to the last digit of the smallest one."""


def plain_number(text: str) -> str:
    """The same text for each way of writing a number: 1.50, 15e-1 and 1.5. Must be a number."""
    return _plain_text(Decimal(text).normalize(_EXACT))


def add_numbers(a: str, b: str) -> str | None:
    """The exact sum, written without an exponent; None if DynamoDB can't hold it. Both must be numbers."""
    total = _EXACT.add(Decimal(a), Decimal(b)).normalize(_EXACT)
    fits = len(total.as_tuple().digits) <= _MOST_DIGITS and _LEAST_POWER <= total.adjusted() <= _MOST_POWER
    return _plain_text(total) if fits or not total else None


def _plain_text(normalized: Decimal) -> str:
    return f"{normalized:f}" if normalized else "0"
