import { recordsKind } from "../../../../shared/sources/records/recordsKind";
import type { TableFacts } from "../../../../shared/tables/facts";

const identity = { id: "t" };
const table = { status: "ACTIVE", identity, read: { from: "on-demand", perSecond: 12_000 } } as unknown as TableFacts;
const facts = { bucket: "b", manifest: "m/manifest.json", etag: "e", table: "orders", reads: false, units: 3 };
const ground = { table, facts, needsItems: true };

test("there is a unit for each unit that kept former values, and at least one", () => {
  const estimate = { items: 0, bytes: 0, rcu: 0 };
  expect(recordsKind.plan({}, ground, undefined)).toEqual({ units: 3, estimate, identity });
  expect(recordsKind.plan({}, { ...ground, facts: { ...facts, units: 0 } }, undefined).units).toBe(1);
});

test("jobs read the table only if items were put", () => {
  expect(recordsKind.reads({}, ground)).toBeUndefined();
  expect(recordsKind.reads({}, { ...ground, facts: { ...facts, reads: true } })).toEqual({});
  expect(recordsKind.reads({}, { ...ground, facts: { problem: "…" } })).toBeUndefined();
});

test("former values of one table can't be put into another", () => {
  expect(recordsKind.problems({ table: "orders" }, ground)).toEqual([]);
  expect(recordsKind.problems({ table: "customers" }, ground)).toEqual([
    "table must be orders, whose former values these are.",
  ]);
  const problem = "There are no former values.";
  expect(recordsKind.problems({ table: "orders" }, { ...ground, facts: { problem } })).toEqual([problem]);
});

test("the spec names the manifest and its ETag", () => {
  expect(recordsKind.spec({ table: "orders" }, ground)).toEqual({
    ...{ kind: "records", table: "orders", bucket: "b", manifest: "m/manifest.json", etag: "e" },
  });
});
