"""JSON with JavaScript's rules. Python's own decoder also takes NaN and Infinity, which are not JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn


def strict_decoder(number: Callable[[str], Any] | None = None) -> json.JSONDecoder:
    """`number`: converts the text of a number. None: to an int or a float."""
    return json.JSONDecoder(parse_int=number, parse_float=number, parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
