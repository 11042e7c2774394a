import type { Capacity, TableFacts } from "../../../shared/tables/facts";
import { readLimits, writeLimits } from "../../../shared/tables/limits";

const capacity = (perSecond: number, most = perSecond): Capacity => ({ perSecond, from: "provisioned", most });
const place = (read: number, write: number) => ({
  ...{ identity: {}, status: "ACTIVE", items: 0, bytes: 0 },
  ...{ read: capacity(read), write: capacity(write) },
});
const table: TableFacts = {
  ...place(200, 100),
  schema: { name: "orders", keys: ["id"], keyTypes: { id: "S" }, indexes: [] },
  indexes: {
    "by-day": { ...place(40, 30), kind: "global" },
    "by-size": { ...place(200, 100), kind: "local" },
  },
};

describe("limits of reading", () => {
  test.each<[string, number | string, string | undefined, object]>([
    ["the table", 12.5, undefined, { limits: { table: 12.5 }, most: 200 }],
    ["a share of the table", "50%", undefined, { limits: { table: 100 }, most: 200 }],
    ["an index", 7, "by-day", { limits: { table: 7, indexes: { "by-day": 7 } }, most: 40 }],
    ["a share of an index", "25%", "by-day", { limits: { table: 10, indexes: { "by-day": 10 } }, most: 40 }],
  ])("%s", (_, rate, index, limits) => expect(readLimits(table, rate, index)).toEqual(limits));

  test("a missing table or index has no limits", () => {
    expect(readLimits("missing", 5)).toBeUndefined();
    expect(readLimits("denied", 5)).toBeUndefined();
    expect(readLimits(table, 5, "by-name")).toBeUndefined();
  });
});

describe("limits of writing", () => {
  test.each<[string, number | string, object]>([
    ["a rate that the index allows too", 20, { limits: { table: 20 }, most: 100 }],
    ["a rate above what the index allows", 80, { limits: { table: 80, indexes: { "by-day": 30 } }, most: 100 }],
    ["a share is one of table and index", "50%", { limits: { table: 50, indexes: { "by-day": 15 } }, most: 100 }],
  ])("%s", (_, rate, limits) => expect(writeLimits(table, rate)).toEqual(limits));

  test("a missing table has no limits", () => expect(writeLimits("missing", 5)).toBeUndefined());
});
