import type { ExportFacts } from "../../../../shared/exports/openExport";
import { exportKind } from "../../../../shared/sources/export/exportKind";
import { exportReader } from "../../../../shared/sources/export/exportReader";
import { sourceReader } from "../../../../shared/sources/readers";
import { sourceKind } from "../../../../shared/sources/registry";
import type { TableFacts } from "../../../../shared/tables/facts";

const table = { status: "ACTIVE", identity: { id: "9c6a" } } as TableFacts;
const facts: ExportFacts = {
  ...{ bucket: "b", manifest: "m", list: "l", listEtag: "e", copied: false, type: "incremental" },
  ...{ files: 7, items: 1_000, billedBytes: 50_000, exportTime: 1, scope: {} },
  table: { arn: "", name: "orders", id: "9c6a" },
};
const ground = { table, facts, needsItems: true };

test("the kind is registered, for preparation and for reading", () => {
  expect(sourceKind({ kind: "export" })).toBe(exportKind);
  expect(sourceReader({ kind: "export" })).toBe(exportReader);
});

test("a plan has a unit for each file; reading consumes no capacity", () => {
  expect(exportKind.plan({}, ground, undefined)).toEqual({
    ...{ units: 7, estimate: { items: 1_000, bytes: 50_000, rcu: 0 }, identity: { id: "9c6a" } },
  });
  expect(exportKind.reads({}, ground)).toBeUndefined();
});

test("items are partial if the export is, as far as its manifest shows", () => {
  const indexes = [{ name: "by-day", kind: "global", keys: ["day"], projection: [] }] as const;
  const schema = { name: "orders", keys: ["id"], keyTypes: { id: "S" }, indexes } as const;
  const partial = (scope: ExportFacts["scope"]) =>
    exportKind.partial!({}, { table: { ...table, schema }, facts: { ...facts, scope } });
  expect(partial({ projection: "id, total" })).toBe("the export was made with a projection");
  expect(partial({ index: "by-day" })).toBe('index "by-day" lacks attributes');
  expect(partial({ index: "unknown", filter: "a > b" })).toBeUndefined();
  expect(partial({})).toBeUndefined();
});

test("an export without files is one empty unit", async () => {
  const empty = { ...ground, facts: { ...facts, files: 0, items: 0 } };
  expect(exportKind.plan({}, empty, undefined).units).toBe(1);
  const unit = { spec: exportKind.spec({ table: "orders" }, empty), unit: 0, units: 1, averageBytes: undefined };
  const source = exportKind.open(unit, {} as never);
  expect(await source.read(undefined, new AbortController().signal)).toMatchObject({ items: [], cursor: undefined });
});

test("the spec has everything that a worker needs", () => {
  expect(exportKind.spec({ table: "orders", consistentRead: false }, ground)).toEqual({
    ...{ kind: "export", table: "orders", bucket: "b", manifest: "m", list: "l", listEtag: "e" },
    ...{ files: 7, copied: false, type: "incremental" },
  });
});

test("problems of the table and of the export are reported together", () => {
  expect(exportKind.problems({ table: "orders" }, ground)).toEqual([]);
  const bad = { ...ground, table: "missing" as const, facts: { problem: "There is no bucket b." } };
  expect(exportKind.problems({ table: "orders" }, bad)).toEqual([
    'table must exist, but there is no table "orders".',
    "There is no bucket b.",
  ]);
});
