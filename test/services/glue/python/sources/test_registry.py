from __future__ import annotations

import pytest

from sluice.errors import SluiceError
from sluice.operations.registry import OPERATIONS, operation_of
from sluice.sources.registry import READERS, source_reader


@pytest.mark.parametrize("kind", READERS)
def test_each_kind_has_its_reader(kind: str) -> None:
    assert source_reader({"kind": kind}).kind == kind


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_there(name: str) -> None:
    assert operation_of(name).failures is not None


def test_sources_and_operations_that_spark_does_not_know_are_refused() -> None:
    with pytest.raises(SluiceError, match='reads no source of the kind "records"') as raised:
        source_reader({"kind": "records"})
    assert raised.value.code == "NO_SUCH_SOURCE"
    with pytest.raises(SluiceError, match='no operation "undo"') as raised:
        operation_of("undo")
    assert raised.value.code == "NO_SUCH_OPERATION"
