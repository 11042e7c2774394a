"""Values of expressions and updates, in the form of a job's parameters. See shared/aws/expressions/values.ts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluice.aws.dynamo_json import from_json_value
from sluice.aws.item import AttributeValue
from sluice.aws.marshall import attribute_of


def attribute_values(
    plain: Mapping[str, Any] | None = None, typed: Mapping[str, Any] | None = None
) -> dict[str, AttributeValue]:
    """Values by `:value`, in plain JSON and in DynamoDB JSON, where binary is base64."""
    return {
        **{name: attribute_of(value) for name, value in (plain or {}).items()},
        **{name: from_json_value(value) for name, value in (typed or {}).items()},
    }
