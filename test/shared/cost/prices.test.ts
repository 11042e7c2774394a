import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dollarsFor, listPrices, pricesFrom } from "../../../shared/cost/prices";

const PRICES_JSON = join(__dirname, "../../../shared/cost/prices.json");

describe("the list prices", () => {
  test.each(Object.entries(listPrices.prices))("%s has a unit, and a page of AWS as its source", (_, price) => {
    expect(price.unit).not.toBe("");
    expect(price.title.length).toBeGreaterThan(8);
    expect(new URL(price.address).hostname).toMatch(/^(docs\.)?aws\.amazon\.com$/);
    expect(price.note).not.toBe("");
  });

  test("are above 0, except for the price that AWS's page does not give", () => {
    const entries = Object.entries(listPrices.prices);
    const unknown = entries.filter(([, { value }]) => value === null).map(([name]) => name);
    expect(unknown).toEqual(["bulkPuts"]);
    for (const [, { value, per }] of entries) expect([value === null || value > 0, per > 0]).toEqual([true, true]);
  });

  test("are those of a region and a month", () => {
    expect(listPrices).toMatchObject({
      region: "us-east-1",
      asOf: expect.stringMatching(/^\d{4}-\d{2}$/),
      currency: "USD",
    });
  });
});

describe("dollars", () => {
  test.each([
    [1_000_000, "tableReads", 0.125],
    [2_000_000, "tableWrites", 1.25],
    [1_000, "objectWrites", 0.005],
    [60, "functionGigabyteSeconds", 0.000800004],
    [1024, "tableExportGigabytes", 102.4],
  ] as const)("%d of %s cost $%d", (amount, name, dollars) => {
    expect(dollarsFor(amount, name)).toBeCloseTo(dollars, 12);
  });

  test("of a price that is not known are undefined, unless there is nothing to pay for", () => {
    expect([dollarsFor(1, "bulkPuts"), dollarsFor(0, "bulkPuts")]).toEqual([undefined, 0]);
  });
});

describe("a user's file", () => {
  const from = (document: unknown) => pricesFrom(JSON.stringify(document), "mine.json");

  test("replaces the prices that it has, and the rest stays", () => {
    const prices = from({
      region: "eu-central-1",
      prices: { tableReads: { value: 0.1525 }, queueRequests: { value: 0 } },
    });
    expect(prices).toMatchObject({ region: "eu-central-1", asOf: listPrices.asOf });
    expect(dollarsFor(2_000_000, "tableReads", prices)).toBeCloseTo(0.305);
    expect(dollarsFor(1e9, "queueRequests", prices)).toBe(0);
    expect(prices.prices.tableWrites).toEqual(listPrices.prices.tableWrites);
    expect(prices.prices.tableReads).toMatchObject({ address: "mine.json", unit: listPrices.prices.tableReads.unit });
  });

  test("may leave a price unknown", () => {
    expect(dollarsFor(1, "tableReads", from({ prices: { tableReads: { value: null } } }))).toBeUndefined();
  });

  test("may be a copy of ours, sources and all", () => {
    expect(pricesFrom(readFileSync(PRICES_JSON, "utf8"), "copy.json")).toEqual(listPrices);
  });

  test.each<[string, unknown, string]>([
    ["no object", 7, 'it must be an object with "prices"'],
    ["nothing", {}, "prices must be given"],
    ["a list of prices", { prices: [] }, "prices must be an object with the prices by name"],
    ["an unknown option", { prices: {}, zone: "a" }, "zone is not known"],
    [
      "an unknown price",
      { prices: { tableRead: { value: 1 } } },
      "tableRead is not a price; the prices are tableReads, ",
    ],
    ["a price named constructor", { prices: { constructor: { value: 1 } } }, "constructor is not a price"],
    ["a bare number", { prices: { tableReads: 1 } }, "tableReads must be an object with a value"],
    ["no value", { prices: { tableReads: {} } }, "tableReads.value must be given"],
    ["a text", { prices: { tableReads: { value: "1" } } }, "tableReads.value must be dollars, 0 or more, or null"],
    ["less than 0", { prices: { tableReads: { value: -1 } } }, "tableReads.value must be dollars, 0 or more, or null"],
    [
      "another amount",
      { prices: { tableReads: { value: 1, per: 1_000 } } },
      "tableReads.per must be 1000000: a million",
    ],
    [
      "an unknown field of a price",
      { prices: { tableReads: { value: 1, source: "x" } } },
      "tableReads.source is not known",
    ],
  ])("with %s is refused", (_, document, problem) => {
    expect(() => from(document)).toThrow(
      expect.objectContaining({
        code: "PRICES_INVALID",
        message: expect.stringContaining(`Prices file mine.json is wrong: ${problem}`),
      }),
    );
  });

  test("may begin with a byte order mark", () => {
    expect(pricesFrom('\ufeff{"prices":{}}', "own.json")).toEqual(listPrices);
  });

  test("that is not JSON is refused, with the parser's reason in the sentence", () => {
    expect(() => pricesFrom("prices: 1", "mine.yaml")).toThrow(
      /^Prices file mine\.yaml is wrong: it must be JSON: .+\.$/,
    );
  });

  test("with several faults is refused with all of them in one sentence", () => {
    expect(() => from({ prices: { tableReads: { value: -1 }, tableWrite: { value: 1 }, invocations: 3 } })).toThrow(
      /tableReads\.value .*; tableWrite is not a price; .*; invocations must be/,
    );
  });
});
