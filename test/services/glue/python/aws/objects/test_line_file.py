from __future__ import annotations

import gzip
import hashlib
import random
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from folder_s3 import FolderS3
from sluice.aws.objects.line_file import LineFile
from sluice.aws.objects.line_splitter import MOST_LINE_BYTES, Line, LinePosition
from sluice.aws.objects.object_bytes import StoredObject
from sluice.errors import SluiceError

BEGIN = LinePosition(0, 0)
KINDS = pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])


@pytest.fixture
def s3(tmp_path: Path) -> FolderS3:
    return FolderS3(tmp_path)


def put(s3: FolderS3, text: bytes, zipped: bool = False) -> None:
    s3.put_object(Bucket="b", Key="k", Body=gzip.compress(text, 1) if zipped else text)


def opened(s3: FolderS3, zipped: bool, begin: LinePosition = BEGIN, etag: str | None = None) -> LineFile:
    return LineFile(StoredObject("b", "k", etag), zipped, s3, retry, begin)


def retry(call: Callable[[], Any]) -> Any:
    """Repeats at once what fails for a passing reason."""
    while True:
        try:
            return call()
        except HTTPClientError:
            pass


def lines_of(file: LineFile) -> list[Line]:
    return list(iter(file.next, None))  # type: ignore[arg-type]


def texts_of(file: LineFile) -> list[str]:
    return [line.text for line in lines_of(file)]


def some_lines(count: int, size: int = 100) -> list[str]:
    """Lines that hardly deflate."""
    chance = random.Random(1)
    return [f"{number} {chance.randbytes(size // 2).hex()}" for number in range(count)]


@KINDS
@pytest.mark.parametrize("text", ["", "a", "a\n", "a\nb", "\n\na\n\n", "a\u2028b\r\nc"])
def test_a_text_gives_its_lines(s3: FolderS3, zipped: bool, text: str) -> None:
    put(s3, text.encode(), zipped)
    assert texts_of(opened(s3, zipped)) == [line for line in text.split("\n") if line]


@KINDS
def test_it_goes_on_at_any_line(s3: FolderS3, zipped: bool) -> None:
    text = "\n".join(some_lines(50, 10))
    put(s3, text.encode(), zipped)
    lines = lines_of(opened(s3, zipped))
    for line in lines:
        assert lines_of(opened(s3, zipped, line.position)) == lines[line.position.line :]


@KINDS
def test_reading_continues_at_the_same_byte_after_a_connection_breaks(s3: FolderS3, zipped: bool) -> None:
    lines = some_lines(4_000)
    put(s3, "\n".join(lines).encode(), zipped)
    s3.breaks = [0, 70_000, 1, 100_000]
    assert texts_of(opened(s3, zipped)) == lines
    assert [get["Range"] for get in s3.gets] == [None, None, "bytes=70000-", "bytes=70001-", "bytes=170001-"]


@KINDS
def test_an_object_with_another_etag_was_replaced_before_the_first_byte_and_in_the_middle(
    s3: FolderS3, zipped: bool
) -> None:
    put(s3, "\n".join(some_lines(4_000)).encode(), zipped)
    with pytest.raises(SluiceError, match="must have the ETag other, but it was replaced") as raised:
        opened(s3, zipped, etag="other").next()
    assert raised.value.code == "OBJECT_REPLACED"
    s3.breaks = [100_000]
    file = opened(s3, zipped)
    file.next()
    put(s3, b"x", zipped)
    with pytest.raises(SluiceError) as raised:
        lines_of(file)
    assert raised.value.code == "OBJECT_REPLACED"


@KINDS
def test_a_missing_object_fails_with_s3s_error(s3: FolderS3, zipped: bool) -> None:
    with pytest.raises(ClientError, match="NoSuchKey"):
        opened(s3, zipped).next()


@KINDS
def test_a_line_that_is_too_long_is_cut_and_its_bytes_count(s3: FolderS3, zipped: bool) -> None:
    long = b"x" * (MOST_LINE_BYTES + 1)
    put(s3, long + b"\ny", zipped)
    first, second = lines_of(opened(s3, zipped))
    assert (len(first.text), first.bytes, first.cut) == (MOST_LINE_BYTES, len(long) + 1, True)
    assert second == Line("y", LinePosition(1, len(long) + 1), 1, False)


def test_nothing_is_read_behind_the_end_of_an_object(s3: FolderS3) -> None:
    put(s3, b"abc")
    assert texts_of(opened(s3, False, LinePosition(1, 3))) == []


def test_close_ends_the_connection_and_can_be_repeated(s3: FolderS3) -> None:
    put(s3, "\n".join(some_lines(4_000)).encode())
    file = opened(s3, False)
    file.next()
    file.close()
    file.close()


def test_it_has_the_md5_of_a_gzip_object_at_the_end(s3: FolderS3) -> None:
    put(s3, "\n".join(some_lines(5_000)).encode(), True)
    file = opened(s3, True)
    lines_of(file)
    assert b64decode(file.md5 or "") == hashlib.md5(s3.content("b", "k")).digest()


def test_members_of_a_gzip_object_are_one_text_and_zeros_behind_the_last_are_padding(s3: FolderS3) -> None:
    big = "\n".join(some_lines(5_000))
    members = gzip.compress(b"a\nb") + gzip.compress(b"c\n" + big.encode())
    put(s3, members + bytes(300_000))
    file = opened(s3, True)
    assert texts_of(file) == ["a", "bc", *big.split("\n")]
    assert b64decode(file.md5 or "") == hashlib.md5(s3.content("b", "k")).digest()


def test_a_small_object_may_hold_a_large_text(s3: FolderS3) -> None:
    lines = ["x" * 1_000_000] * 20
    put(s3, "\n".join(lines).encode(), True)
    assert texts_of(opened(s3, True)) == lines


def test_an_empty_object_is_an_empty_file(s3: FolderS3) -> None:
    put(s3, b"")
    assert texts_of(opened(s3, True)) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file[:-3],
        lambda file: file[: len(file) // 2],
        lambda file: file[:70_000] + bytes([file[70_000] ^ 1]) + file[70_001:],
        lambda file: file + b"x",
        lambda file: b"{}",
    ],
    ids=["cut short", "cut in the middle", "with a flipped bit", "with something behind it", "not gzip at all"],
)
def test_a_gzip_object_is_damaged(s3: FolderS3, change: Callable[[bytes], bytes]) -> None:
    put(s3, change(gzip.compress("\n".join(some_lines(5_000)).encode())))
    with pytest.raises(SluiceError, match="must be a whole gzip file") as raised:
        lines_of(opened(s3, True))
    assert raised.value.code == "OBJECT_DAMAGED"
