import * as units from "../../../../shared/capacity/metering/capacityUnits";
import {
  addConsumption,
  type Consumption,
  consumptionOf,
  nothing,
} from "../../../../shared/capacity/metering/consumption";
import { checkLimits, costMs, costRatio, sameLimits } from "../../../../shared/capacity/metering/limits";

describe("capacity units from sizes", () => {
  test.each([
    [0, 0.5, 1, 2],
    [1, 0.5, 1, 2],
    [4096, 0.5, 1, 2],
    [4097, 1, 2, 4],
    [8193, 1.5, 3, 6],
  ])("a read of %d bytes", (bytes, eventual, strong, transactional) => {
    expect(units.readCapacityUnits(bytes, "eventual")).toBe(eventual);
    expect(units.readCapacityUnits(bytes, "strong")).toBe(strong);
    expect(units.readCapacityUnits(bytes, "transactional")).toBe(transactional);
  });

  test.each([
    ["eventual", 8192],
    ["strong", 4096],
    ["transactional", 2048],
  ] as const)("a unit pays for %s reads of %d bytes", (consistency, bytes) => {
    expect(units.readBytes(1, consistency)).toBe(bytes);
    expect(units.readBytes(2.5, consistency)).toBe(2.5 * bytes);
  });

  test.each([
    [0, 1, 2],
    [1024, 1, 2],
    [1025, 2, 4],
    [2049, 3, 6],
  ])("a write of %d bytes", (bytes, plain, transactional) => {
    expect(units.writeCapacityUnits(bytes)).toBe(plain);
    expect(units.writeCapacityUnits(bytes, true)).toBe(transactional);
  });

  test.each([
    [0, 0, 1],
    [2049, 1, 3],
    [1, 2049, 3],
  ])("a write whose condition failed on %d bytes, and that would have put %d", (existing, fresh, plain) => {
    expect(units.failedWriteCapacityUnits(existing, fresh)).toBe(plain);
    expect(units.failedWriteCapacityUnits(existing, fresh, true)).toBe(2 * plain);
  });
});

describe("the consumption of a request", () => {
  const Table = { CapacityUnits: 2 };
  const some = (units: Record<string, number | undefined>) =>
    Object.fromEntries(Object.entries(units).map(([name, CapacityUnits]) => [name, { CapacityUnits: CapacityUnits! }]));

  test.each([
    ["nothing", {}, { table: 0 }],
    ["a sum only", { CapacityUnits: 3 }, { table: 3 }],
    ["the table", { CapacityUnits: 2, Table }, { table: 2 }],
    [
      "the table and a global index",
      { CapacityUnits: 5, Table, GlobalSecondaryIndexes: some({ g: 3 }) },
      { table: 2, indexes: { g: 3 } },
    ],
    [
      "the table and local indexes, which share its capacity",
      { CapacityUnits: 9, Table, LocalSecondaryIndexes: some({ l: 3, m: 4 }) },
      { table: 9, indexes: { l: 3, m: 4 } },
    ],
    ["an index only", { CapacityUnits: 3, GlobalSecondaryIndexes: some({ g: 3 }) }, { table: 0, indexes: { g: 3 } }],
    [
      "a local index only",
      { CapacityUnits: 3, LocalSecondaryIndexes: some({ l: 3 }) },
      { table: 3, indexes: { l: 3 } },
    ],
    [
      "indexes without figures",
      { LocalSecondaryIndexes: some({ l: undefined }), GlobalSecondaryIndexes: some({ g: undefined }) },
      { table: 0, indexes: { l: 0, g: 0 } },
    ],
  ])("%s", (_, capacity, expected) => {
    expect(consumptionOf(capacity)).toEqual(expected);
  });

  test("adds up, resource by resource", () => {
    const a = { table: 1, indexes: { x: 2 } };
    expect(addConsumption(a, { table: 4 })).toEqual({ table: 5, indexes: { x: 2 } });
    expect(addConsumption(a, { table: 4, indexes: { x: 1, y: 7 } })).toEqual({ table: 5, indexes: { x: 3, y: 7 } });
    expect(addConsumption({ table: 1 }, { table: 4, indexes: { y: 7 } })).toEqual({ table: 5, indexes: { y: 7 } });
    expect(nothing).toEqual({ table: 0 });
    expect(a).toEqual({ table: 1, indexes: { x: 2 } });
  });
});

describe("limits", () => {
  const limits = { table: 100, indexes: { a: 10 } };

  test.each<[Consumption, number]>([
    [{ table: 5 }, 50],
    [{ table: 5, indexes: { a: 1 } }, 100],
    [{ table: 50, indexes: { a: 1 } }, 500],
    [{ table: 5, indexes: { other: 20 } }, 200],
    [{ table: 0 }, 0],
  ])("%j costs %d ms", (consumption, ms) => {
    expect(costMs(consumption, limits)).toBeCloseTo(ms, 9);
    expect(costMs(consumption, limits, 0.5)).toBeCloseTo(2 * ms, 9);
    expect(costMs(consumption, { table: 100 })).toBeCloseTo(
      10 * Math.max(consumption.table, ...Object.values(consumption.indexes ?? {})),
      9,
    );
  });

  test.each([
    [{ table: 200, indexes: { a: 20 } }, 0.5, 2],
    [{ table: 200, indexes: { a: 10 } }, 1, 2],
    [{ table: 100 }, 1, 10],
    [{ table: 50, indexes: { a: 10 } }, 2, 1],
    [{ table: 100, indexes: { a: 10, b: 25 } }, 4, 1],
  ])("costs grow when they become %j", (to, ratio, back) => {
    expect(costRatio(limits, to)).toBeCloseTo(ratio, 9);
    expect(costRatio(to, limits)).toBeCloseTo(back, 9);
    expect([sameLimits(limits, to), sameLimits(to, limits)]).toEqual([false, false]);
  });

  test("are equal by value, however they are written", () => {
    expect(sameLimits(limits, { table: 100, indexes: { a: 10, b: 100 } })).toBe(true);
    expect(sameLimits({ table: 5 }, { table: 5, indexes: {} })).toBe(true);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "5"])("of %p are refused, of table and index", (wrong) => {
    const value = { table: wrong, indexes: { fine: 1, bad: wrong } } as never;
    expect(() => checkLimits(value)).toThrow(
      expect.objectContaining({
        code: "capacity.limits-invalid",
        message: `limits: must be above 0 units per second, got table: ${wrong}, bad: ${wrong}`,
        value,
      }),
    );
  });

  test("above 0 are accepted, and so are fractions", () => {
    expect(() => checkLimits({ table: 0.1, indexes: { a: 1e9 } })).not.toThrow();
    expect(() => checkLimits({ table: 1 })).not.toThrow();
  });
});

describe("an index may have any name", () => {
  test.each(["constructor", "toString", "__proto__"])("%s", (name) => {
    const used = consumptionOf({
      TableName: "t",
      Table: { CapacityUnits: 1 },
      GlobalSecondaryIndexes: Object.fromEntries([[name, { CapacityUnits: 4 }]]),
    });
    const sum = addConsumption(addConsumption({ table: 0 }, used), used);
    expect(Object.entries(sum.indexes!)).toEqual([[name, 8]]);
    expect(costMs(sum, { table: 10, indexes: { other: 5 } })).toBe(800);
    expect(costRatio({ table: 10, indexes: Object.fromEntries([[name, 5]]) }, { table: 10 })).toBe(1);
  });
});
