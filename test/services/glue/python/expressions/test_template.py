from __future__ import annotations

import pytest

from golden import typescript_golden
from sluice.aws.dynamo_json import from_json_value
from sluice.errors import SluiceError
from sluice.expressions.template import Template


def test_templates_make_the_same_texts() -> None:
    golden = typescript_golden("templates")
    items = [from_json_value(item) for item in golden["items"]]
    cases = [case for case in golden["cases"] if "texts" in case]
    for case in cases:
        template = Template(case["text"], golden["names"])
        assert [list(path) for path in template.paths] == case["paths"], case
        for item, expected in zip(items, case["texts"], strict=True):
            text = template.filled(item)
            assert (expected == text) if text is not None else (expected == {"missing": template.missing_in(item)})
    assert len(cases) > 50


def test_the_same_templates_are_refused_for_the_same_reasons() -> None:
    golden = typescript_golden("templates")
    cases = [case for case in golden["cases"] if "refused" in case]
    for case in cases:
        with pytest.raises(SluiceError) as raised:
            Template(case["text"], golden["names"])
        assert raised.value.code == "INVALID_TEMPLATE"
        assert raised.value.message == case["refused"]
    assert len(cases) > 20
