from __future__ import annotations

from random import Random
from typing import Any

import pytest

from golden import expect_golden, typescript_golden
from random_items import random_item, random_template
from sluice.aws.dynamo_json import from_json_value, to_json_value
from sluice.aws.item import Item
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


def test_random_templates_are_kept_for_the_typescript_code() -> None:
    random = Random(14)
    items = [random_item(random) for _ in range(12)]
    texts = dict.fromkeys(random_template(random) for _ in range(200))
    cases = [_made(text, items) for text in texts]
    assert {"texts" in case for case in cases} == {True, False}
    expect_golden("templates", {"names": _NAMES, "items": [to_json_value(item) for item in items], "cases": cases})


_NAMES = {"#read": "b.c"}


def _made(text: str, items: list[Item]) -> dict[str, Any]:
    try:
        template = Template(text, _NAMES)
    except SluiceError as error:
        return {"text": text, "refused": error.message}
    texts = [(template.filled(item), item) for item in items]
    made = [{"missing": template.missing_in(item)} if text is None else text for text, item in texts]
    return {"text": text, "paths": [list(path) for path in template.paths], "texts": made}
