import fc from "fast-check";
import { billOf, billParts, dollarsOf } from "../../../shared/cost/bill";
import { listPrices, type Prices } from "../../../shared/cost/prices";
import { addUsage, noUsage, usageFigures } from "../../../shared/cost/usage";

const usage = {
  ...{ invocations: 1_000, billedMs: 60_000, gigabyteSeconds: 15, writeUnits: 2_000, readUnits: 4_000 },
  ...{ queueRequests: 5_000, puts: 200, gets: 1_000, events: 2 },
};

/** List prices, except for one that is unknown. */
function without(name: keyof Prices["prices"]): Prices {
  return { ...listPrices, prices: { ...listPrices.prices, [name]: { ...listPrices.prices[name], value: null } } };
}

describe("a bill", () => {
  test("has every part at its own price", () => {
    const bill = billOf(usage, { read: 8_000_000, write: 1_000 }, listPrices);
    const dollars = Object.fromEntries(bill.parts.map((each) => [each.part, Number(each.dollars?.toPrecision(9))]));
    expect(dollars).toEqual({
      capacity: 1.000625,
      lambda: 0.000400001,
      glue: 0,
      jobsTable: 0.00175,
      sqs: 0.002,
      s3: 0.0014,
      events: 0.000002,
    });
    expect(bill.dollars).toBeCloseTo(1.006177001, 9);
    expect(bill.notPriced).toEqual([]);
  });

  test("of no use is 0, even if nothing has a price", () => {
    const nothing = billOf(noUsage, {}, without("tableReads"));
    expect(nothing).toEqual({ parts: billParts.map((part) => ({ part, dollars: 0 })), dollars: 0, notPriced: [] });
  });

  test("shows a part whose price is missing as not priced, and adds up the rest", () => {
    const whole = billOf(usage, { read: 8_000 }, listPrices);
    const bill = billOf(usage, { read: 8_000 }, without("objectWrites"));
    expect([dollarsOf(bill, "s3"), bill.notPriced]).toEqual([null, ["objectWrites"]]);
    expect(bill.dollars).toBeCloseTo(whole.dollars - dollarsOf(whole, "s3")!, 12);
  });

  test("names a price that two parts lack once", () => {
    const bill = billOf(usage, { read: 1, write: 1 }, without("tableWrites"));
    expect([dollarsOf(bill, "capacity"), dollarsOf(bill, "jobsTable"), bill.notPriced]).toEqual([
      null,
      null,
      ["tableWrites"],
    ]);
  });

  const amount = fc.nat({ max: 1_000_000 });
  const usages = fc.record(Object.fromEntries(usageFigures.map((name) => [name, amount])) as never) as fc.Arbitrary<
    typeof usage
  >;

  test("of a sum is the sum of the bills", () => {
    fc.assert(
      fc.property(usages, usages, amount, amount, (a, b, read, write) => {
        const together = billOf(addUsage(a, b), { read: 2 * read, write: 2 * write }, listPrices).dollars;
        const apart = [a, b].map((each) => billOf(each, { read, write }, listPrices).dollars);
        expect(together).toBeCloseTo(apart[0]! + apart[1]!, 9);
      }),
    );
  });
});

describe("usage", () => {
  test("adds up figure by figure; one that is missing counts as 0", () => {
    expect(addUsage(usage, { puts: 1 }, usage)).toEqual({
      ...{ invocations: 2_000, billedMs: 120_000, gigabyteSeconds: 30, writeUnits: 4_000, readUnits: 8_000 },
      ...{ queueRequests: 10_000, puts: 401, gets: 2_000, events: 4 },
    });
    expect(addUsage()).toEqual(noUsage);
  });
});
