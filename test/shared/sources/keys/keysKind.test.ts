import type { KeyListFacts } from "../../../../shared/sources/keys/describeKeys";
import { keysKind } from "../../../../shared/sources/keys/keysKind";
import { keysReader } from "../../../../shared/sources/keys/keysReader";
import type { LineList } from "../../../../shared/sources/keys/spec";
import { sourceReader } from "../../../../shared/sources/readers";
import { sourceKind } from "../../../../shared/sources/registry";
import type { TableFacts } from "../../../../shared/tables/facts";

const table = {
  ...{ status: "ACTIVE", identity: { id: "9c6a" } },
  schema: { name: "orders", keys: ["pk", "sk"], keyTypes: { pk: "S", sk: "N", other: "B" }, indexes: [] },
  read: { perSecond: 200, from: "provisioned", most: 300 },
} as unknown as TableFacts;
const list: LineList = {
  ...{ form: "object", key: "a.csv", etag: "e", bytes: 9 * 1024 * 1024, gzip: false, columns: ["pk", "sk"] },
  from: { line: 1, byte: 6 },
};
const facts: KeyListFacts = { bucket: "b", list, bytes: list.bytes };
const ground = { table, facts, needsItems: true };

test("the kind is registered, for preparation and for reading", () => {
  expect(sourceKind({ kind: "keys" })).toBe(keysKind);
  expect(sourceReader({ kind: "keys" })).toBe(keysReader);
});

test("reading consumes capacity of the table only if the operation needs items", () => {
  expect(keysKind.reads({}, { ...ground, needsItems: true })).toEqual({});
  expect(keysKind.reads({}, { ...ground, needsItems: false })).toBeUndefined();
});

test("a plan has the number of items if the list has its number of keys", () => {
  const sized = { ...ground, table: { ...table, items: 10, bytes: 50_000 }, facts: { ...facts, keys: 3 } };
  const { estimate } = keysKind.plan({}, sized, { table: 5 });
  expect(estimate).toEqual({ items: 3, bytes: 15_000, rcu: 3 });
  expect(keysKind.plan({ consistentRead: true }, sized, { table: 5 }).estimate.rcu).toBe(6);
});

test("a plan has ranges of the list; the number of keys is unknown", () => {
  const plan = { units: 3, estimate: { items: 0, bytes: 0, rcu: 0 }, identity: { id: "9c6a" } };
  expect(keysKind.plan({}, { ...ground, needsItems: false }, undefined)).toEqual(plan);
  expect(keysKind.plan({}, ground, { table: 5 })).toEqual({ ...plan, capacity: { perSecond: 200, paidBy: "hour" } });
});

test.each([true, false])("the spec has the table's keys with their types; items are read: %s", (needsItems) => {
  expect(keysKind.spec({ table: "orders", consistentRead: true }, { ...ground, needsItems })).toEqual({
    ...{ kind: "keys", table: "orders", bucket: "b", list, readItems: needsItems, consistentRead: true },
    keys: [
      { name: "pk", type: "S" },
      { name: "sk", type: "N" },
    ],
  });
});

test("problems of the table, of the list and of its columns", () => {
  const problems = (more: Partial<typeof ground | { table: "denied" } | { facts: { problem: string } }>) =>
    keysKind.problems({ table: "orders" }, { ...ground, ...more });
  expect(problems({})).toEqual([]);
  expect(problems({ facts: { problem: "No list." } })).toEqual(["No list."]);
  expect(problems({ table: "denied" })).toEqual([expect.stringMatching(/config scannerTables/)]);
  expect(problems({ facts: { ...facts, list: { ...list, columns: ["pk", "day"] } } as KeyListFacts })).toEqual([
    "The list must have a column sk, got pk, day.",
  ]);
});
