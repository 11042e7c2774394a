import fc from "fast-check";
import { batchSize, requestsAtOnce, WriteCost } from "../../../shared/writing/pace";

test.each([
  [undefined, 25],
  [1_000, 1],
  [10, 1],
  [7, 2],
  [3, 5],
  [0.6, 25],
  [0.025, 25],
])("if a write costs %s ms of the limit, a batch holds %s", (ms, size) => {
  expect(batchSize(ms)).toBe(size);
});

test("a batch costs 15 ms of the limit at most, unless it holds only one write", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e4, noNaN: true }), (ms) => {
      const size = batchSize(ms);
      expect(size === 1 || (size <= 25 && size * ms <= 15)).toBe(true);
    }),
  );
});

test.each([
  [undefined, 25, 32],
  [100, 1, 2],
  [2, 25, 2],
  [0.2, 25, 8],
  [0.025, 25, 32],
])("if a write costs %s ms and %s are in a request, there are %s requests at once", (ms, size, expected) => {
  expect(requestsAtOnce(ms, size)).toBe(expected);
});

test.each([
  [5, 3],
  [60, 8],
  [110, 15],
  [900, 32],
])(
  "if requests that cost 15 ms of the limit take %s ms, there are %s at once, twice as many as use up the rate",
  (requestMs, expected) => {
    expect(requestsAtOnce(5, 3, requestMs)).toBe(expected);
  },
);

describe("the cost of a write", () => {
  const consumed = (table: number, index: number) => [
    { TableName: "t", Table: { CapacityUnits: table }, GlobalSecondaryIndexes: { g: { CapacityUnits: index } } },
    { TableName: "t", Table: { CapacityUnits: table }, GlobalSecondaryIndexes: { g: { CapacityUnits: index } } },
  ];

  test("is unknown without a limit", () => {
    expect(new WriteCost(3).ms(undefined)).toBeUndefined();
  });

  test("is the guess until a response reports a consumption", () => {
    const cost = new WriteCost(3);
    cost.learn(undefined, 2);
    cost.learn([], 2);
    cost.learn(consumed(1, 1), 0);
    expect(cost.ms({ table: 1_000 })).toBe(3);
  });

  test.each([
    [{ table: 1_000 }, 2],
    [{ table: 1_000, indexes: { g: 100 } }, 20],
    [{ table: 100, indexes: { g: 1_000 } }, 10],
    [{ table: 100, indexes: { g: 1_000, unused: 1 } }, 10],
  ])("is the time of the table or index that is used most: under %j %s ms", (limits, ms) => {
    const cost = new WriteCost(3);
    cost.learn(consumed(1, 2), 2);
    expect(cost.ms(limits)).toBe(ms);
  });

  test("follows the newest responses", () => {
    const cost = new WriteCost(1);
    cost.learn(consumed(1, 0), 2);
    for (let i = 0; i < 50; i++) cost.learn(consumed(5, 0), 2);
    expect(cost.ms({ table: 1_000 })).toBeCloseTo(5, 1);
  });
});
