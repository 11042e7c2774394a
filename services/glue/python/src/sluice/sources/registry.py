"""The readers of sources. A module is imported when its kind is first used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from sluice.errors import SluiceError
from sluice.sources.source import SourceReader

READERS = {
    "table": "sluice.sources.table.reader:TableReader",
    "export": "sluice.sources.export.reader:ExportReader",
    "keys": "sluice.sources.keys.reader:KeysReader",
}
"""`module:class` by the kind of a source."""


def source_reader(spec: Mapping[str, Any]) -> SourceReader:
    """The reader of a job's source.

    Raises SluiceError NO_SUCH_SOURCE if Spark has none: jobs with such a source are refused at their start.
    """
    kind = spec["kind"]
    if kind not in READERS:
        raise SluiceError("NO_SUCH_SOURCE", f'Spark reads no source of the kind "{kind}".', value=kind)
    module, name = READERS[kind].split(":")
    return cast(SourceReader, getattr(import_module(module), name)())
