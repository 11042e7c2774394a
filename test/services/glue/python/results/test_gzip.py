from __future__ import annotations

import gzip
import zlib

from golden import typescript_golden
from sluice.results.gzip import NO_TEXT, deflate_page, grown_sum, gzip_file


def test_pages_of_either_language_make_the_same_file() -> None:
    for case in typescript_golden("gzip-files"):
        text = NO_TEXT
        for page in case["texts"]:
            text = grown_sum(text, page.encode())
        assert text == case["sum"]
        pages = [bytes.fromhex(page) for page in case["pages"]]
        assert gzip_file(pages, text).hex() == case["file"]
        mixed = [deflate_page(each.encode()) if at % 2 else pages[at] for at, each in enumerate(case["texts"])]
        assert gzip.decompress(gzip_file(mixed, text)).decode() == "".join(case["texts"])


def test_a_page_can_be_inflated_by_itself() -> None:
    text = b"a line\n" * 1_000
    page = deflate_page(text)
    assert len(page) < 200
    assert zlib.decompressobj(-zlib.MAX_WBITS).decompress(page) == text
