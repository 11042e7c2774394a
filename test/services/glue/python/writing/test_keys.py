from __future__ import annotations

import pytest

from golden import typescript_golden
from sluice.aws.dynamo_json import from_json_value
from sluice.errors import SluiceError
from sluice.writing.item_key import key_of
from sluice.writing.key_text import key_text


def test_keys_are_distinguished_as_in_the_typescript_code() -> None:
    """Each worker has texts of its own. They are equal for the same keys."""
    texts = [(theirs, key_text(from_json_value(key))) for key, theirs in typescript_golden("keys")]
    pairs = set(texts)
    assert len(pairs) == len({theirs for theirs, _ in pairs}) == len({ours for _, ours in pairs})
    assert len(pairs) < len(texts)


def test_a_key_has_the_key_attributes_alone_in_their_order() -> None:
    item = {"b": {"S": "2"}, "c": {"S": "3"}, "a": {"S": "1"}}
    assert list(key_of(item, "orders", ["a", "b"]).items()) == [("a", {"S": "1"}), ("b", {"S": "2"})]


def test_an_item_without_its_key_is_a_fault_of_the_source() -> None:
    with pytest.raises(SluiceError) as raised:
        key_of({"pk": {"S": "a"}}, "orders", ["pk", "sk"])
    assert (raised.value.code, raised.value.value) == ("KEY_MISSING", "sk")
    assert raised.value.message == "The items must have the key attribute sk of table orders, but one doesn't."
