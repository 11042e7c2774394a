import fc from "fast-check";
import { batchSize, requestsAtOnce, UnitsPerWrite } from "../../../shared/writing/pace";

test.each([
  [undefined, 7, 25],
  [1, 1, 1],
  [40, 1, 2],
  [100, 1, 5],
  [100, 2, 2],
  [500, 1, 25],
  [500, 400, 1],
  [40_000, 1, 25],
])("at %s units a second, a batch of writes of %s units holds %s", (perSecond, units, size) => {
  expect(batchSize(perSecond, units)).toBe(size);
});

test("a batch costs a twentieth of a second at most, unless it holds one write only", () => {
  const positive = (max: number) => fc.double({ min: 0.1, max, noNaN: true });
  fc.assert(
    fc.property(positive(1e6), positive(1e4), (perSecond, units) => {
      const size = batchSize(perSecond, units);
      expect(size === 1 || (size <= 25 && size * units <= perSecond / 20)).toBe(true);
    }),
  );
});

test.each([
  [undefined, 25, 32],
  [10, 1, 2],
  [500, 25, 2],
  [5_000, 25, 4],
  [40_000, 25, 32],
])("at %s units a second and %s writes a request, %s requests are under way", (perSecond, size, expected) => {
  expect(requestsAtOnce(perSecond, 1, size)).toBe(expected);
});

describe("what a write costs", () => {
  const consumed = (table: number, index: number) => [
    { TableName: "t", Table: { CapacityUnits: table }, GlobalSecondaryIndexes: { g: { CapacityUnits: index } } },
    { TableName: "t", Table: { CapacityUnits: table }, GlobalSecondaryIndexes: { g: { CapacityUnits: index } } },
  ];

  test("is the guess until a response reports any", () => {
    const units = new UnitsPerWrite(3);
    units.learn(undefined, 2);
    units.learn([], 2);
    units.learn(consumed(1, 1), 0);
    expect(units.value).toBe(3);
  });

  test("is that of the table or index used most", () => {
    const units = new UnitsPerWrite(3);
    units.learn(consumed(1, 2), 2);
    expect(units.value).toBe(2);
  });

  test("follows the newest responses", () => {
    const units = new UnitsPerWrite(1);
    units.learn(consumed(1, 0), 2);
    for (let i = 0; i < 50; i++) units.learn(consumed(5, 0), 2);
    expect(units.value).toBeCloseTo(5, 1);
  });
});
