"""Units in S3 have the same pages, cursors, errors and verdicts as in the TypeScript code."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from budgets import FixedBudget, source_tools
from folder_s3 import FolderS3
from golden import typescript_golden
from sluice.aws.client_error import code_of, message_of
from sluice.aws.dynamo_json import to_json_value
from sluice.aws.item import Json
from sluice.errors import SluiceError
from sluice.sources.registry import source_reader
from sluice.sources.source import SourcePage, UnitOfSource

CASES = typescript_golden("source-pages")


@pytest.mark.parametrize("is_one", [True, False], ids=["by one worker", "each page by another"])
@pytest.mark.parametrize("case", CASES, ids=[f"{case['name']} {case['unit']}/{case['units']}" for case in CASES])
def test_unit(case: dict[str, Any], is_one: bool, tmp_path: Path) -> None:
    s3 = FolderS3(tmp_path)
    for key, content in case["objects"].items():
        s3.put_object(Bucket="b", Key=key, Body=b64decode(content))
    assert _unit(case, s3, is_one) == case["byOne" if is_one else "byMany"]


def _unit(case: dict[str, Any], s3: FolderS3, is_one: bool) -> Any:
    spec = case["spec"]
    reader = source_reader(spec)
    tools = source_tools(s3=s3, budget=FixedBudget(most=case["most"]))
    unit = UnitOfSource(spec=spec, unit=case["unit"], units=case["units"], average_bytes=None)
    pages: list[Any] = []
    source, cursor = reader.open(unit, tools), None
    try:
        while True:
            page = source.read(cursor)
            pages.append(_plain(page))
            cursor = page.cursor
            if cursor is None:
                return {"pages": pages}
            if not is_one:
                source.close()
                source = reader.open(unit, tools)
    except Exception as error:
        code = error.code if isinstance(error, SluiceError) else code_of(error)
        shown: dict[str, Any] = {"message": message_of(error), "verdict": reader.verdict(error, spec)}
        return {"pages": pages, "error": {"code": code, **shown} if isinstance(error, SluiceError) else shown}
    finally:
        source.close()


def _plain(page: SourcePage) -> Json:
    plain: Json = {
        "items": to_json_value(list(page.items)),
        "missing": to_json_value(list(page.missing)),
        "unreadable": [{"line": each.line, "reason": each.reason} for each in page.unreadable],
        "scannedItems": page.scanned_items,
        "scannedBytes": page.scanned_bytes,
        "cursor": page.cursor,
        "rcu": page.rcu,
    }
    return plain
