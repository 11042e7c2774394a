import type { Item } from "../../../shared/aws/itemSize";
import type { Change, Decide } from "../../../shared/writing/conditionalWrite";
import { dryRun } from "../../../shared/writing/dryRun";

const target = {
  name: "orders",
  keys: ["id"],
  keyTypes: { id: "S", day: "S" },
  indexes: [{ name: "byDay", kind: "global", keys: ["day"], projection: [] }],
} as const;
const item = (id: string, more: Item = {}): Item => ({ id: { S: id }, ...more });
const keyOf = ({ id }: Item): Item => ({ id: id! });
const writing =
  (change: Change): Decide =>
  (given) => ({ do: "write", write: { key: { id: given.id! }, change, seen: [] } });

test("an update consumes units of the table, and of an index only if the index's key changes: a delete and a put", () => {
  const decide = writing({ kind: "update", set: { day: { S: "b" } }, remove: [] });
  const items = [item("1"), item("2", { day: { S: "a" } }), item("3", { day: { S: "b" } })];
  const { settled, consumed, examples } = dryRun(items, decide, keyOf, target);
  expect(settled.map(({ outcome }) => outcome)).toEqual(["updated", "updated", "updated"]);
  expect(consumed).toEqual({ table: 3, indexes: { byDay: 3 } });
  expect(examples[1]).toEqual({
    before: { id: { S: "2" }, day: { S: "a" } },
    after: { id: { S: "2" }, day: { S: "b" } },
  });
});

test("a deletion leaves no item, and a put replaces no known item", () => {
  const gone = dryRun([item("1", { day: { S: "a" } })], writing({ kind: "delete" }), keyOf, target);
  expect(gone.consumed).toEqual({ table: 1, indexes: { byDay: 1 } });
  expect(gone.examples).toEqual([{ before: { id: { S: "1" }, day: { S: "a" } } }]);
  const put = dryRun([item("1")], writing({ kind: "put", item: item("2", { day: { S: "a" } }) }), keyOf, target);
  expect(put.consumed).toEqual({ table: 1, indexes: { byDay: 1 } });
});

test("an item that needs no write consumes nothing", () => {
  const skipped = dryRun([item("1")], () => ({ do: "count", outcome: "skipped" }), keyOf, target);
  expect(skipped).toEqual({
    settled: [{ item: item("1"), key: item("1"), outcome: "skipped" }],
    consumed: { table: 0 },
    examples: [],
  });
  const failing = dryRun([item("1")], () => ({ do: "fail", code: "A", reason: "B." }), keyOf, target);
  expect(failing.settled[0]).toMatchObject({ outcome: "failed", failure: { code: "A", reason: "B.", attempts: 0 } });
});

test("an example shows only names and sizes of a large item", () => {
  const large = item("1", { text: { S: "x".repeat(2_000) } });
  const { examples } = dryRun([large], writing({ kind: "delete" }), keyOf, target);
  expect(examples).toEqual([{ before: { id: { S: "1" }, text: "2004 bytes" } }]);
});

test("together with the examples so far, there are at most 20", () => {
  const items = Array.from({ length: 30 }, (_, n) => item(String(n)));
  const before = [{ before: { first: true } }];
  const { examples } = dryRun(items, writing({ kind: "delete" }), keyOf, target, before);
  expect(examples).toHaveLength(20);
  expect(examples[0]).toBe(before[0]);
});
