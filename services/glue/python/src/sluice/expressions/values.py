"""Values of expressions and updates, as a job's parameters have them. See shared/aws/expressions/values.ts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluice.aws.dynamo_json import from_json_value
from sluice.aws.item import AttributeValue
from sluice.aws.marshall import attribute_of


def attribute_values(
    plain: Mapping[str, Any] | None = None, typed: Mapping[str, Any] | None = None
) -> dict[str, AttributeValue]:
    """By `:value`: those that are plain JSON, and those in DynamoDB JSON, where binary is base64."""
    return {
        **{name: attribute_of(value) for name, value in (plain or {}).items()},
        **{name: from_json_value(value) for name, value in (typed or {}).items()},
    }
