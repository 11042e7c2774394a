"""Reads items of a table by their keys, strongly consistently. The same as shared/writing/readItems.ts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sluice.aws.get_batch import get_batch
from sluice.aws.item import Item
from sluice.writing.key_text import key_text
from sluice.writing.lanes import BatchQueue, in_lanes
from sluice.writing.options import WriterOptions
from sluice.writing.pace import WriteCost, batch_size, batches_at_once


class _Wanted:
    __slots__ = ("bytes", "id", "key")

    def __init__(self, id: str, key: Item) -> None:
        self.id = id
        self.bytes = 0
        self.key = key


class ItemReader:
    """Reads as writers write: at the pace of a limit. Remembers the cost of a read from one call to the next."""

    def __init__(self, table: str, options: WriterOptions) -> None:
        """`options`: `limits`, `request_ms` and `units_per_write` are those of its reads."""
        self._table = table
        self._options = options
        self._cost = WriteCost(1 if options.units_per_write is None else options.units_per_write)

    def read(self, keys: Sequence[Item]) -> Mapping[str, Item]:
        """The items that exist, by `key_text`. `keys`: only the key attributes; a key may occur twice."""
        options, cost = self._options, self._cost
        wanted = [_Wanted(id, key) for id, key in {key_text(key): key for key in keys}.items()]
        queue = BatchQueue(wanted)
        names = [*keys[0]] if keys else []
        found: dict[str, Item] = {}

        def ms() -> float | None:
            return cost.ms(options.limits())

        def work(batch: Sequence[_Wanted]) -> None:
            for item in self._read_batch([each.key for each in batch]):
                found[key_text({name: item[name] for name in names})] = item

        def lanes() -> int:
            return batches_at_once(len(wanted), ms(), options.request_ms(), options.concurrency)

        in_lanes(lanes, lambda: queue.take(batch_size(ms())), work)
        return found

    def _read_batch(self, keys: Sequence[Item]) -> list[Item]:
        options = self._options
        return get_batch(keys, self._table, options.client, options.retry, self._cost.learn, consistent_read=True)
