"""Exports of units with a crash at any moment, read back from the objects that the results name."""

from __future__ import annotations

import gzip
import json
import random
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from folder_s3 import FolderS3
from golden import typescript_golden
from pages import MemoryEntries, page_of, tools_of
from sluice.aws.item import Item
from sluice.errors import SluiceError
from sluice.operations.export import Export, ExportKeys
from sluice.operations.operation import Tools
from sluice.results.open_object import ObjectSizes, object_sizes

JOB = "01"


class Crash(BaseException):
    """Stands for a kill: nothing catches it."""


class Crashes:
    """Stops the worker before or after its next effect: an S3 request or an entry."""

    def __init__(self, steps: Sequence[int] = ()) -> None:
        """For each worker in turn, how many moments (before or after an effect) it lives. Without a number it lives
        for ever."""
        self._steps = list(steps)
        self.count = -1
        self.restart()

    def restart(self) -> None:
        self.count += 1
        self._left = self._steps.pop(0) if self._steps else None

    def moment(self) -> None:
        if self._left is not None:
            if self._left <= 0:
                raise Crash
            self._left -= 1

    def around(self, effect: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            self.moment()
            result = effect(*args, **options)
            self.moment()
            return result

        return call


class Guarded:
    """An object whose methods crash now and then."""

    def __init__(self, target: Any, crashes: Crashes) -> None:
        self._target, self._crashes = target, crashes

    def __getattr__(self, name: str) -> Any:
        return self._crashes.around(getattr(self._target, name))


@dataclass
class Unit:
    """A unit in the state of its checkpoints."""

    items: Sequence[Item]
    number: int = 0
    at: int = 0
    pages: int = 0
    result: Any = None
    kept: list[Item] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)


def work(unit: Unit, tools: Tools, sizes: Iterator[int], each: int = 1, has: Callable[[Item], bool] = bool) -> None:
    """A worker's stretch: pages of the next sizes up to the end, with a checkpoint after so many pages."""
    export = Export()
    result, at, pages = unit.result, unit.at, unit.pages
    unsaved: list[Item] = []
    while True:
        end = at + next(sizes)
        found = [item for item in unit.items[at:end] if has(item)]
        last = end >= len(unit.items)
        params = {"exportPrefix": "chaos/"}
        page = page_of(found, job=JOB, unit=unit.number, page=pages, last=last, params=params)
        result = export.page(page, result, tools)
        at, pages = end, pages + 1
        unsaved += found
        if not last and pages % each:
            continue
        result = export.flush(result, tools)
        # A checkpoint keeps JSON, but the worker goes on with its own record.
        unit.result = json.loads(json.dumps(result))
        unit.at, unit.pages = at, pages
        unit.kept += unsaved
        unit.results.append(unit.result)
        unsaved = []
        if last:
            return


def run(unit: Unit, s3: FolderS3, entries: MemoryEntries, crashes: Crashes, sizes: Callable[[bool], int], **more: Any):  # type: ignore[no-untyped-def]
    """Works on a unit until the unit ends. After a crash another worker goes on from the last checkpoint."""
    while True:
        repeats = crashes.count > 0
        tools = tools_of(Guarded(s3, crashes), Guarded(entries, crashes))
        try:
            return work(unit, tools, iter(lambda repeats=repeats: sizes(repeats), None), **more)
        except Crash:
            crashes.restart()


def exported(unit: Unit, s3: FolderS3, entries: MemoryEntries) -> list[Item]:
    """The items of the objects that the unit's result names."""
    keys = ExportKeys({"exportPrefix": "chaos"}, JOB)
    items: list[Item] = []
    size = 0
    for number in range(unit.result["objects"]):
        file = s3.content("b", keys.data(unit.number, number))
        entry = entries.values[unit.number, number]
        lines = gzip.decompress(file).decode().splitlines()
        assert (entry["bytes"], entry["items"]) == (len(file), len(lines))
        assert b64decode(entry["md5"]).hex() == entry["etag"] == md5(file).hexdigest()
        items += [json.loads(line)["Item"] for line in lines]
        size += len(file)
    assert unit.result == {"objects": unit.result["objects"], "items": len(items), "bytes": size}
    return items


def noisy(count: int, size: int) -> list[Item]:
    """Items whose lines hardly deflate."""
    chance = random.Random(7)
    return [
        {"id": {"S": f"item-{number}"}, "text": {"S": chance.randbytes(size // 2).hex()}} for number in range(count)
    ]


@pytest.fixture
def s3(tmp_path: Path) -> FolderS3:
    return FolderS3(tmp_path)


@pytest.fixture
def small_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects of three items, in pieces that two pages of two fill."""
    monkeypatch.setattr(object_sizes, "enough", 5_000)
    monkeypatch.setattr(object_sizes, "piece", 2_600)


@pytest.mark.usefixtures("small_objects")
@pytest.mark.parametrize("each", [1, 2, 3])
@pytest.mark.parametrize(("repeated", "gone"), [(2, 0), (1, 0), (4, 0), (2, 1), (3, 2), (12, 1)])
def test_after_a_crash_at_any_moment_each_item_that_counts_is_there_once(
    tmp_path: Path, repeated: int, gone: int, each: int
) -> None:
    """`repeated`: items of pages after the crash. `gone`: every how many of them are gone by then."""
    for moment in range(1_000):
        s3, entries, crashes = FolderS3(tmp_path / str(moment)), MemoryEntries(), Crashes([moment])
        unit = Unit(noisy(12, 1_200))
        met = 0

        def has(_: Item, crashes: Crashes = crashes) -> bool:
            nonlocal met
            met += 1
            return not (crashes.count and gone and met % gone == 0)

        run(unit, s3, entries, crashes, lambda repeats: repeated if repeats else 2, each=each, has=has)
        assert exported(unit, s3, entries) == unit.kept
        names = s3.keys("b") if unit.kept else []
        assert [key for key in names if "/open/" in key] == []
        assert len([key for key in names if "/data/" in key]) == unit.result["objects"]
        if crashes.count == 0:
            assert moment > 20 / each
            return
    pytest.fail("there is no end")


@pytest.mark.usefixtures("small_objects")
def test_after_crashes_at_many_moments_each_item_that_counts_is_there_once(tmp_path: Path) -> None:
    chance = random.Random(14)
    for attempt in range(60):
        s3, entries = FolderS3(tmp_path / str(attempt)), MemoryEntries()
        for number in range(2):
            unit = Unit(noisy(chance.randrange(14), chance.choice([10, 900, 3_000])), number)
            crashes = Crashes([chance.randrange(12) for _ in range(8)])
            run(unit, s3, entries, crashes, lambda _: chance.randint(1, 6), each=chance.randint(1, 4))
            assert exported(unit, s3, entries) == unit.kept
            assert unit.kept == unit.items


def test_a_checkpoint_costs_one_put_however_many_pages_it_has_and_an_object_is_put_once(s3: FolderS3) -> None:
    puts: list[str] = []
    put_object = s3.put_object
    s3.put_object = lambda **request: puts.append(request["Key"]) or put_object(**request)  # type: ignore[method-assign,func-returns-value]
    unit = Unit(noisy(40, 100))
    work(unit, tools_of(s3), iter(lambda: 5, None), each=4)
    keys = ExportKeys({"exportPrefix": "chaos"}, JOB)
    assert puts == [keys.piece(0, 0, 0), keys.data(0, 0)]


def test_the_result_with_its_open_object_stays_small_however_long_the_unit_is(s3: FolderS3) -> None:
    unit = Unit(noisy(400, 1_000))
    work(unit, tools_of(s3), iter(lambda: 4, None))
    assert max(len(json.dumps(result)) for result in unit.results) < 300


def test_an_object_is_complete_with_64_mb_of_lines_or_16_mb_of_deflated_ones() -> None:
    assert object_sizes == ObjectSizes(64 * 2**20, 16 * 2**20, 4 * 2**20)


def test_pages_without_items_write_nothing(s3: FolderS3) -> None:
    unit = Unit([])
    work(unit, tools_of(s3), iter(lambda: 1, None))
    assert unit.result == {"objects": 0, "items": 0, "bytes": 0}
    export = Export()
    result = export.flush(export.page(page_of([]), None, tools_of(s3)), tools_of(s3))
    assert result == unit.result
    assert s3.gets == []


@pytest.mark.parametrize("change", [lambda piece: piece[:-1], lambda piece: b"x" + piece[1:], lambda _: None])
def test_a_piece_that_somebody_else_has_changed_or_removed_fails_the_unit(
    s3: FolderS3, change: Callable[[bytes], bytes | None]
) -> None:
    export, tools = Export(), tools_of(s3)
    result = export.flush(export.page(page_of(noisy(3, 100)), None, tools), tools)
    key = ExportKeys({}, JOB).piece(0, 0, 0)
    changed = change(s3.content("b", key))
    if changed is None:
        s3.delete_object(Bucket="b", Key=key)
    else:
        s3.put_object(Bucket="b", Key=key, Body=changed)
    with pytest.raises(SluiceError, match="somebody else has changed or removed it") as raised:
        export.page(page_of(noisy(3, 100)), json.loads(json.dumps(result)), tools)
    assert raised.value.code == "EXPORT_OBJECT_CHANGED"


def test_objects_have_the_same_keys() -> None:
    for case in typescript_golden("export-keys"):
        keys = ExportKeys(case["params"], case["job"])
        assert keys.data(case["unit"], case["number"]) == case["data"]
        assert keys.piece(case["unit"], case["number"], case["piece"]) == case["pieceKey"]
