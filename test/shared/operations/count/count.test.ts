import type { Item } from "../../../../shared/aws/itemSize";
import { type Counted, count } from "../../../../shared/operations/count/count";
import type { FinishedJob, Page, Tools, UnitResult } from "../../../../shared/operations/operation";

const tools = {} as Tools;

function page(items: readonly Item[], part: Partial<Page> = {}): Page {
  const position = { job: "job", unit: 0, page: 0 };
  const read = { items, scannedItems: items.length, scannedBytes: 4096, rcu: 0.5 };
  return { ...read, position, table: "answers", params: {}, last: false, ...part };
}

// Names: 2 + 1 + 1 + 1. Values: 3, 2 (one byte, and one for a pair of digits), 1, and 3 + (1 + 1) for the list with one
// character.
const item: Item = { id: { S: "abc" }, n: { N: "42" }, f: { BOOL: true }, l: { L: [{ S: "x" }] } };
const ITEM_BYTES = 5 + 3 + 2 + 1 + 5;

test("bytes of items are exact; without a filter, the scanned bytes are too", () => {
  expect(count.page(page([item, item, { id: { S: "é" } }]), undefined, tools)).toEqual({
    ...{ items: 3, bytes: 2 * ITEM_BYTES + 4, scannedItems: 3, scannedBytes: 2 * ITEM_BYTES + 4 },
  });
});

test("with a filter, the scanned bytes are the source's", () => {
  const filtered = page([item], { scannedItems: 10, scannedBytes: 3 * 8192, rcu: 3 });
  const counted = { items: 1, bytes: ITEM_BYTES, scannedItems: 10, scannedBytes: 3 * 8192 };
  expect(count.page(filtered, undefined, tools)).toEqual(counted);
});

test("a page is added to the former result, which stays unchanged", () => {
  const soFar: Counted = Object.freeze({ items: 1, bytes: 10, scannedItems: 2, scannedBytes: 20 });
  expect(count.page(page([item]), soFar, tools)).toEqual({
    ...{ items: 2, bytes: 10 + ITEM_BYTES, scannedItems: 3, scannedBytes: 20 + ITEM_BYTES },
  });
  expect(count.page(page([]), soFar, tools)).toEqual(soFar);
});

test("the job's result is the sum of its units, those without a page included", async () => {
  async function* results(): AsyncGenerator<UnitResult<Counted>> {
    yield { unit: 0, result: { items: 1, bytes: 2, scannedItems: 3, scannedBytes: 4 } };
    yield { unit: 1, result: undefined };
    yield { unit: 2, result: { items: 10, bytes: 20, scannedItems: 30, scannedBytes: 40 } };
  }
  expect(await count.finish!({} as FinishedJob, results(), tools)).toEqual({
    ...{ items: 11, bytes: 22, scannedItems: 33, scannedBytes: 44 },
  });
});
