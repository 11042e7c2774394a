"""Counts items and bytes. The same as shared/operations/count/count.ts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sluice.aws.item import Json
from sluice.aws.item_size import item_bytes
from sluice.operations.operation import Page, Tools

NOTHING_COUNTED = {"items": 0, "bytes": 0, "scannedItems": 0, "scannedBytes": 0}


class Count:
    pure = True
    writes = False

    def page(self, page: Page, so_far: Json, tools: Tools) -> Json:
        counted = cast(Mapping[str, float], so_far or NOTHING_COUNTED)
        items = len(page.items)
        size = sum(map(item_bytes, page.items))
        # If nothing was filtered out, the items' own sizes are exact.
        scanned_bytes = size if items == page.scanned_items else page.scanned_bytes
        return {
            "items": counted["items"] + items,
            "bytes": counted["bytes"] + size,
            "scannedItems": counted["scannedItems"] + page.scanned_items,
            "scannedBytes": counted["scannedBytes"] + scanned_bytes,
        }

    def flush(self, result: Json, tools: Tools) -> Json:
        return result

    def failures(self, result: Json) -> int:
        return 0
