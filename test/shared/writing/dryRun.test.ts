import type { Item } from "../../../shared/aws/itemSize";
import type { Change, Decide } from "../../../shared/writing/conditionalWrite";
import { dryRun } from "../../../shared/writing/dryRun";
import { keyText } from "../../../shared/writing/keyText";

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
const optionsOf = (decide: Decide) => ({ decide, keyOf, target });

test("an update consumes units of the table, and of an index only if the index's key changes: a delete and a put", async () => {
  const decide = writing({ kind: "update", set: { day: { S: "b" } }, remove: [] });
  const items = [item("1"), item("2", { day: { S: "a" } }), item("3", { day: { S: "b" } })];
  const { settled, consumed, examples } = await dryRun(items, optionsOf(decide));
  expect(settled.map(({ outcome }) => outcome)).toEqual(["updated", "updated", "updated"]);
  expect(consumed).toEqual({ table: 3, indexes: { byDay: 3 } });
  expect(examples[1]).toEqual({
    before: { id: { S: "2" }, day: { S: "a" } },
    after: { id: { S: "2" }, day: { S: "b" } },
  });
});

test("a deletion leaves no item, and a put replaces no known item", async () => {
  const gone = await dryRun([item("1", { day: { S: "a" } })], optionsOf(writing({ kind: "delete" })));
  expect(gone.consumed).toEqual({ table: 1, indexes: { byDay: 1 } });
  expect(gone.examples).toEqual([{ before: { id: { S: "1" }, day: { S: "a" } } }]);
  const put = await dryRun([item("1")], optionsOf(writing({ kind: "put", item: item("2", { day: { S: "a" } }) })));
  expect(put.consumed).toEqual({ table: 1, indexes: { byDay: 1 } });
});

describe("puts that look into the table", () => {
  const existing = item("2", { text: { S: "x".repeat(3_000) } });
  const copying: Decide = (given) => ({
    ...{ do: "write", write: { key: { id: given.id! }, change: { kind: "put", item: given }, seen: [] } },
    met: (there) => ({ do: "count", outcome: there.day?.S === given.day?.S ? "already" : "skipped" }),
  });
  const asked: Item[][] = [];
  const lookUp = async (keys: readonly Item[]) => {
    asked.push([...keys]);
    return new Map(keys.flatMap((key) => (key.id!.S === "2" ? [[keyText(key), existing]] : [])));
  };
  const options = { ...optionsOf(copying), lookUp };
  beforeEach(() => void asked.splice(0));

  test("a put that meets an item consumes by the size of the larger one, on the table alone", async () => {
    const items = [item("1", { day: { S: "a" } }), item("2"), item("3")];
    const { settled, consumed, examples } = await dryRun(items, options);
    expect(settled.map(({ outcome }) => outcome)).toEqual(["updated", "already", "updated"]);
    expect(settled[1]).toMatchObject({ item: existing, key: { id: { S: "2" } } });
    expect(consumed).toEqual({ table: 1 + 3 + 1, indexes: { byDay: 1 } });
    expect(examples.map(({ before }) => before)).toEqual([items[0], items[2]]);
    expect(asked).toEqual([[{ id: { S: "1" } }, { id: { S: "2" } }, { id: { S: "3" } }]]);
  });

  test("an item meets the one that an earlier item of its page would have made", async () => {
    const items = [item("1"), item("1"), item("1", { day: { S: "b" } })];
    const { settled, consumed } = await dryRun(items, options);
    expect(settled.map(({ outcome }) => outcome)).toEqual(["updated", "already", "skipped"]);
    expect(consumed).toEqual({ table: 3 });
    expect(asked).toEqual([[{ id: { S: "1" } }]]);
  });

  test("nothing is looked up for items that need no put", async () => {
    await dryRun([item("1")], { ...options, decide: writing({ kind: "delete" }) });
    await dryRun([item("1")], { ...options, decide: () => ({ do: "count", outcome: "skipped" }) });
    await dryRun([], options);
    expect(asked).toEqual([]);
  });
});

test("an item that needs no write consumes nothing", async () => {
  const skipped = await dryRun(
    [item("1")],
    optionsOf(() => ({ do: "count", outcome: "skipped" })),
  );
  expect(skipped).toEqual({
    settled: [{ item: item("1"), key: item("1"), outcome: "skipped" }],
    consumed: { table: 0 },
    examples: [],
  });
  const failing = await dryRun(
    [item("1")],
    optionsOf(() => ({ do: "fail", code: "A", reason: "B." })),
  );
  expect(failing.settled[0]).toMatchObject({ outcome: "failed", failure: { code: "A", reason: "B.", attempts: 0 } });
});

test("an example shows only names and sizes of a large item", async () => {
  const large = item("1", { text: { S: "x".repeat(2_000) } });
  const { examples } = await dryRun([large], optionsOf(writing({ kind: "delete" })));
  expect(examples).toEqual([{ before: { id: { S: "1" }, text: "2004 bytes" } }]);
});

test("together with the examples so far, there are at most 20", async () => {
  const items = Array.from({ length: 30 }, (_, n) => item(String(n)));
  const before = [{ before: { first: true } }];
  const { examples } = await dryRun(items, optionsOf(writing({ kind: "delete" })), before);
  expect(examples).toHaveLength(20);
  expect(examples[0]).toBe(before[0]);
});
